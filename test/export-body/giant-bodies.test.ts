import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const script = resolve(__dirname, 'giant-body.js');
const run = promisify(execFile);
/** No body may make the process grow by more. */
const maxGrowthBytes = 150 * 1024 * 1024;
const MiB = 1024 * 1024;

interface Result {
  readonly code?: string;
  readonly taken?: { readonly event: string; readonly elements: number };
  readonly bytes: number;
  readonly parsed: number;
  readonly tooHeavy: number;
  readonly grewBytes: number;
}

/** Reads a body in a process of its own, so that its memory can be measured. */
async function readInProcess(name: string, reader: 'gateway' | 'worker'): Promise<Result> {
  const { stdout } = await run(process.execPath, [script, name, reader]);
  return JSON.parse(stdout) as Result;
}

it.each([
  ['an element of 900 MB', 'element-too-large', 4 * MiB],
  ['ten million tiny elements', 'too-many-elements', 4_000_000],
  ['a hundred million brackets', 'too-deep', 0],
] as const)(
  'The gateway refuses %s as soon as it can know, in little memory',
  async (name, code, readBytes) => {
    const result = await readInProcess(name, 'gateway');
    expect(result).toMatchObject({ code });
    expect(result.bytes).toBeLessThan(readBytes + 128 * 1024);
    expect(result.grewBytes).toBeLessThan(maxGrowthBytes);
  },
);

it.each([
  ['a gigabyte of spaces', { taken: { event: 'issue-exported', elements: 1 } }],
  ['a text of 900 MB as the event', { code: 'too-long' }],
  ['a key of 900 MB', { taken: { event: 'issue-update' } }],
  ['many keys', { code: 'too-many-keys' }],
  ['elements of a million objects each', { taken: { elements: 5 } }],
] as const)('The gateway reads %s to its end, in little memory', async (name, expected) => {
  const result = await readInProcess(name, 'gateway');
  expect(result).toMatchObject(expected);
  expect(result.grewBytes).toBeLessThan(maxGrowthBytes);
});

it.each([
  ['two million tiny elements', 2_000_000, 0],
  ['elements of a million objects each', 0, 5],
  ['elements of 330,000 keys each', 0, 5],
  ['elements of as many objects as are parsed', 20, 0],
  ['elements of one text of 4 MiB each', 10, 0],
] as const)(
  'The worker reads %s to its end, in little memory, and parses elements that are cheap to parse',
  async (name, parsed, tooHeavy) => {
    const result = await readInProcess(name, 'worker');
    expect(result).toMatchObject({ taken: { elements: parsed + tooHeavy }, parsed, tooHeavy });
    expect(result.grewBytes).toBeLessThan(maxGrowthBytes);
  },
);
