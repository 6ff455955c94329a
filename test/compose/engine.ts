import { runProgram, type RunProgram } from '../../src/processes/run-program';

export interface Engine {
  readonly version: string;
  /** `docker compose`, or `docker-compose` when docker has no compose plugin. */
  readonly compose: readonly [string, ...string[]];
  readonly composeVersion: string;
}

/** @throws {Error} with one sentence when no container engine with compose answers. */
export async function findEngine(run: RunProgram = runProgram): Promise<Engine> {
  const docker = await run('docker', ['version', '--format', '{{.Server.Version}}'], answerTimeoutMs);
  if (docker.code !== 0)
    throw new Error(
      `No container engine answers (${firstLine(docker.stderr)}): install and start Docker, then run this again.`,
    );
  for (const compose of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...words] = compose;
    const { code, stdout } = await run(program, [...words, 'version', '--short'], answerTimeoutMs);
    if (code === 0) return { version: docker.stdout.trim(), compose, composeVersion: stdout.trim() };
  }
  throw new Error(
    'Docker answers, but has no compose: install its compose plugin, or docker-compose, then run this again.',
  );
}

/** Some engines start at their first use, which may take this long. */
const answerTimeoutMs = 30_000;

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) || 'docker printed nothing';
}
