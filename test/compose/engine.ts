import { runProgram, type RunProgram } from '../../src/processes/run-program';

export interface Engine {
  readonly version: string;
  /** `docker compose`, or `docker-compose` where that is what there is. */
  readonly compose: readonly [string, ...string[]];
  readonly composeVersion: string;
}

/** Finds a container engine that answers, with compose. @throws an Error with one sentence when there is none. */
export async function findEngine(run: RunProgram = runProgram): Promise<Engine> {
  const docker = await run('docker', ['version', '--format', '{{.Server.Version}}'], answerWithinMs);
  if (docker.code !== 0)
    throw new Error(
      `No container engine answers (${firstLine(docker.stderr)}): install and start Docker, then run this again.`,
    );
  for (const compose of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...words] = compose;
    const { code, stdout } = await run(program, [...words, 'version', '--short'], answerWithinMs);
    if (code === 0) return { version: docker.stdout.trim(), compose, composeVersion: stdout.trim() };
  }
  throw new Error(
    'Docker answers, but has no compose: install its compose plugin, or docker-compose, then run this again.',
  );
}

/** An engine that starts at its first use may take this long. */
const answerWithinMs = 30_000;

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) || 'no word from docker';
}
