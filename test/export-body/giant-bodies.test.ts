import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const script = resolve(__dirname, 'giant-body.js');
const run = promisify(execFile);
/** No body may make the process grow by more. */
const mostBytes = 150 * 1024 * 1024;
const MiB = 1024 * 1024;

interface Seen {
  readonly code?: string;
  readonly taken?: { readonly event: string; readonly elements: number };
  readonly bytes: number;
  readonly parsed: number;
  readonly tooHeavy: number;
  readonly grewBytes: number;
}

/** What a process of its own, which does nothing else, made of a body. */
async function reading(name: string, reader: 'gateway' | 'worker'): Promise<Seen> {
  const { stdout } = await run(process.execPath, [script, name, reader]);
  return JSON.parse(stdout) as Seen;
}

it.each([
  ['an element of 900 MB', 'element-too-large', 4 * MiB],
  ['ten million tiny elements', 'too-many-elements', 4_000_000],
  ['a hundred million brackets', 'too-deep', 0],
] as const)('%s: refused as soon as it is known, in little memory', async (name, code, readBytes) => {
  const seen = await reading(name, 'gateway');
  expect(seen).toMatchObject({ code });
  expect(seen.bytes).toBeLessThan(readBytes + 128 * 1024);
  expect(seen.grewBytes).toBeLessThan(mostBytes);
});

it.each([
  ['a gigabyte of spaces', { taken: { event: 'issue-exported', elements: 1 } }],
  ['a text of 900 MB as the event', { code: 'too-long' }],
  ['a key of 900 MB', { taken: { event: 'issue-update' } }],
  ['many keys', { code: 'too-many-keys' }],
  ['elements of a million objects each', { taken: { elements: 5 } }],
] as const)('%s: read to its end by the gateway, in little memory', async (name, expected) => {
  const seen = await reading(name, 'gateway');
  expect(seen).toMatchObject(expected);
  expect(seen.grewBytes).toBeLessThan(mostBytes);
});

it.each([
  ['two million tiny elements', 2_000_000, 0],
  ['elements of a million objects each', 0, 5],
  ['elements of 330,000 keys each', 0, 5],
  ['elements of as many objects as are parsed', 20, 0],
  ['elements of one text of 4 MiB each', 10, 0],
] as const)(
  '%s: read to its end by the worker, in little memory, and parsed where that is cheap',
  async (name, parsed, tooHeavy) => {
    const seen = await reading(name, 'worker');
    expect(seen).toMatchObject({ taken: { elements: parsed + tooHeavy }, parsed, tooHeavy });
    expect(seen.grewBytes).toBeLessThan(mostBytes);
  },
);
