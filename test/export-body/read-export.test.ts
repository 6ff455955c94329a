import fc from 'fast-check';
import { BodyError } from '../../src/export-body/body-error';
import type { Envelope } from '../../src/export-body/export-body';
import { createExportReader, readExport } from '../../src/export-body/read-export';

/** Bodies that the property test makes; a million with `npm run fuzz`. */
const runs = Number(process.env['FUZZ_RUNS'] ?? 5000);

function read(body: string | Buffer, cuts: readonly number[] = []): Envelope {
  const bytes = Buffer.from(body as string);
  const reader = createExportReader();
  let at = 0;
  for (const next of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    reader.push(bytes.subarray(at, next));
    at = next;
  }
  return reader.end();
}

function refusal(body: string | Buffer, cuts?: readonly number[]): BodyError {
  try {
    read(body, cuts);
  } catch (error) {
    if (error instanceof BodyError) return error;
    throw error;
  }
  throw new Error('The body was taken.');
}

const issueExported = (issue: unknown, more: object = {}) => JSON.stringify({ event: 'issue-exported', project: 'p', issue, ...more });

test('reads the envelope in any order of its keys', () => {
  const issue = '"issue":{"elements":[{"issue_name":"Blurred"},{}],"id":"i-1"}';
  for (const body of [`{${issue},"event":"issue-exported","project":"p"}`, `{"project_name":"p","event":"issue-exported",${issue}}`]) {
    expect(read(body)).toEqual({ event: 'issue-exported', project: 'p', issue: { id: 'i-1', name: 'Blurred' }, elements: 2 });
  }
});

test('reads escaped spellings of keys', () => {
  expect(read('{"\\u0065vent":"issue-exported","project":"p","issue":{"\\u0065lements":[1],"id":"i"}}').elements).toBe(1);
});

test('reads the same at every cut', () => {
  const body = Buffer.from(issueExported({ id: 'ü', elements: [{ a: 'é😀' }, 1, [2]] }));
  for (let at = 0; at <= body.length; at += 1) expect(read(body, [at])).toMatchObject({ issue: { id: 'ü' }, elements: 3 });
});

test('a body that is cut off names the byte where it ends', () => {
  const body = issueExported({ id: 'i', elements: [1, { a: 'b' }] });
  for (let length = 1; length < body.length; length += 1) {
    expect(refusal(body.slice(0, length)).message).toContain(`at byte ${length}`);
  }
});

test.each([
  ['', 'no payload body received'],
  ['[]', 'expected a JSON object'],
  ['{}', 'expected a key event'],
  ['{"event":3}', 'expected a key event'],
  ['{"event":"issue-exported"}', 'expected key: project'],
  ['{"event":"issue-exported","project":"p"}', 'expected key: issue'],
  [issueExported([]), 'expected issue to be an object, got an array'],
  [issueExported({ elements: [] }), 'expected key: issue.id'],
  [issueExported({ id: 7 }), 'expected issue.id to be a string, got a number'],
  [issueExported({ id: 'a\nb' }), 'control character'],
  ['{"event":"issue-exported","project":"p","issue":{"id":"\\ud800"}}', 'half of a surrogate pair'],
  [issueExported({ id: 'x'.repeat(2049) }), 'longer than 2048 bytes'],
  [issueExported({ id: 'i', elements: {} }), 'expected issue.elements to be an array, got an object'],
  ['{"event":"a","event":"b"}', 'has the key "event" twice'],
  ['{"event":"issue-exported","project":"p","issue":{"id":"a","id":"b"}}', 'the issue has the key "id" twice'],
  ['{"event":"x"} {}', 'unexpected "{" at byte 14'],
  ['{"event":"x",}', 'unexpected "}" at byte 13'],
  ['{"event":NaN}', 'unexpected "N" at byte 9'],
  ["{'event':1}", `unexpected "'" at byte 1`],
  ['{"event":"x"/**/}', 'unexpected "/" at byte 12'],
  ['{"a":[1,,2]}', 'unexpected "," at byte 8'],
  ['{"a":[1 2]}', 'unexpected "2" at byte 8'],
  ['{"a":01}', 'unexpected "1" at byte 6'],
  ['{"a":"\u0001"}', 'unexpected 0x01 at byte 6'],
  ['\ufeff{}', 'byte order mark'],
  [`{"a":${'['.repeat(64)}`, 'deeper than 64'],
])('refuses %j and names the fault', (body, sentence) => {
  expect(refusal(body).message).toContain(sentence);
});

test('refuses bad UTF-8 at its first bad byte, across chunks', () => {
  const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]);
  expect(refusal(body, [7]).message).toContain('UTF-8 at byte 7');
});

test('refuses an element over 4 MiB and takes one just under it', () => {
  const element = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
  const body = (bytes: number) => `{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[${element(bytes)}]}}`;
  expect(read(body(4 * 1024 * 1024)).elements).toBe(1);
  expect(refusal(body(4 * 1024 * 1024 + 1))).toMatchObject({ status: 413, code: 'element-too-large' });
});

test('a key __proto__ harms nothing', () => {
  expect(read('{"__proto__":{"event":"y"},"event":"x"}')).toMatchObject({ event: 'x' });
});

test('agrees with JSON.parse on mutated bodies in any split', () => {
  const mutations = fc.constantFrom('', ',', '}', '"', '\\', '0', '-', 'e', '.', '\u0001', '[', ':', 't', ' ', 'é');
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.array(fc.nat()), fc.nat(), mutations, fc.boolean(), (json, cuts, where, piece, replaced) => {
      const whole = `{"event":"x","issue":{"id":"i","elements":[${json},${json}],"k":${json}},"z":${json}}`;
      const at = where % whole.length;
      const body = whole.slice(0, at) + piece + whole.slice(at + (replaced ? 1 : 0));
      expect(isRefusedForSyntax(body, cuts)).toBe(!isJson(body));
    }),
    { numRuns: runs },
  );
});

test('yields each element parsed alone', async () => {
  const elements = Array.from({ length: 300 }, (_, index) => ({ element_id: `é${index}`, text: 'z'.repeat(index) }));
  const bytes = Buffer.from(issueExported({ elements, id: 'i' }));
  for (const size of [1, 7, 1000, 1_000_000]) expect(await allElements(bytes, size)).toEqual(elements);
});

async function allElements(bytes: Buffer, size: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const batch of readExport(inChunks(bytes, size))) values.push(...batch.map(({ value }) => value));
  return values;
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Refusals of the contract that JSON.parse does not know (a key twice, no text in event) are no syntax faults. */
function isRefusedForSyntax(body: string, cuts: readonly number[]): boolean {
  try {
    read(body, cuts);
    return false;
  } catch (error) {
    if (!(error instanceof BodyError)) throw error;
    return ['broken-json', 'bad-utf8', 'no-body', 'byte-order-mark'].includes(error.code) || (error.code === 'key-twice' && !isJson(body));
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
