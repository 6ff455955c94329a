import { BodyError } from '../../src/export-body/body-error';
import type { Envelope } from '../../src/export-body/envelope';
import { TooHeavy } from '../../src/export-body/element-weight';
import { createExportReader, readExport } from '../../src/export-body/read-export';

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

const issueExported = (issue: unknown, more: object = {}) =>
  JSON.stringify({ event: 'issue-exported', project: 'p', issue, ...more });

it('The reader takes the envelope’s keys in any order', () => {
  const issue = '"issue":{"elements":[{"issue_name":"Blurred"},{}],"id":"i-1"}';
  for (const body of [
    `{${issue},"event":"issue-exported","project":"p"}`,
    `{"project_name":"p","event":"issue-exported",${issue}}`,
  ]) {
    expect(read(body)).toEqual({
      event: 'issue-exported',
      project: 'p',
      issue: { id: 'i-1', name: 'Blurred' },
      elements: 2,
    });
  }
});

it('The reader knows its keys in escaped spellings', () => {
  expect(
    read('{"\\u0065vent":"issue-exported","project":"p","issue":{"\\u0065lements":[1],"id":"i"}}').elements,
  ).toBe(1);
});

it('The reader returns the same envelope at every cut', () => {
  const body = Buffer.from(issueExported({ id: 'ü', elements: [{ a: 'é😀' }, 1, [2]] }));
  for (let at = 0; at <= body.length; at += 1)
    expect(read(body, [at])).toMatchObject({ issue: { id: 'ü' }, elements: 3 });
});

it('The message for a truncated body names the byte where the body ends', () => {
  const body = issueExported({ id: 'i', elements: [1, { a: 'b' }] });
  for (let length = 1; length < body.length; length += 1) {
    expect(refusal(body.slice(0, length)).message).toContain(`at byte ${length}`);
  }
});

it.each([
  ['', 'no payload body received'],
  ['[]', 'expected a JSON object'],
  ['{}', 'expected event to be a non-empty string'],
  ['{"event":3}', 'expected event to be a non-empty string'],
  ['{"event":"issue-exported"}', 'expected key: project'],
  ['{"event":"issue-exported","project":"p"}', 'expected key: issue'],
  [issueExported(null), 'expected key: issue'],
  [issueExported({ id: '' }), 'expected issue.id to be a non-empty string'],
  [issueExported([]), 'expected issue to be an object, got an array'],
  [issueExported({ elements: [] }), 'expected key: issue.id'],
  [issueExported({ id: 7 }), 'expected issue.id to be a string, got a number'],
  [issueExported({ id: 'a\nb' }), 'control character'],
  ['{"event":"issue-exported","project":"p","issue":{"id":"\\ud800"}}', 'half of a surrogate pair'],
  [issueExported({ id: 'x'.repeat(2049) }), 'longer than 2,048 bytes'],
  [issueExported({ id: 'i', elements: {} }), 'expected issue.elements to be an array, got an object'],
  ['{"event":"a","event":"b"}', 'has the key "event" twice'],
  [
    '{"event":"issue-exported","project":"p","issue":{"id":"a","id":"b"}}',
    'the issue has the key "id" twice',
  ],
  ['{"event":"x"} {}', 'unexpected "{" at byte 14'],
  ['{"event":"x",}', 'unexpected "}" at byte 13'],
  ['{"event":NaN}', 'NaN at byte 9; Python'],
  ["{'event':1}", `unexpected "'" at byte 1`],
  ['{"event":"x"/**/}', 'unexpected "/" at byte 12'],
  ['{"a":[1,,2]}', 'unexpected "," at byte 8'],
  ['{"a":[1 2]}', 'unexpected "2" at byte 8'],
  ['{"a":01}', 'unexpected "1" at byte 6'],
  ['{"a":"\u0001"}', 'unexpected 0x01 at byte 6'],
  ['\ufeff{}', 'byte order mark'],
  [`{"a":${'['.repeat(64)}`, 'deeper than 64'],
])('The reader refuses %j and names the error', (body, sentence) => {
  expect(refusal(body).message).toContain(sentence);
});

it.each([
  ['NaN', '{"frame_data":{"label_data":[{"attributes":{"confidence":NaN}}]}}'],
  ['Infinity', '{"frame_data":{"custom_metrics":{"m":[[0,Infinity]]}}}'],
  ['-Infinity', '-Infinity'],
])('The refusal of %s names the word, the element and what to set, at every cut', (word, element) => {
  const body = `{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[{},{},${element}]}}`;
  const at = body.indexOf(word) + (word.startsWith('-') ? 1 : 0);
  for (let cut = 0; cut <= body.length; cut += 1)
    expect(refusal(body, [cut])).toMatchObject({
      status: 400,
      code: 'broken-json',
      message: `the body is not valid JSON: ${word} at byte ${at}, in element 2 of the issue; Python's json.dumps writes ${word} unless allow_nan=False is set, so set it, or replace the value by null`,
    });
});

it('The refusal of NaN outside of the elements names no element', () => {
  for (const body of [
    '{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[{}],"n":NaN}}',
    '{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[{}]},"n":NaN}',
  ])
    expect(refusal(body).message).toMatch(/: NaN at byte \d+; Python/);
});

it.each([
  ['no-event', '{"event":3}'],
  ['no-project', '{"event":"issue-exported"}'],
  ['no-issue', '{"event":"issue-exported","project":"p","issue":null}'],
  ['issue-id-not-a-string', issueExported({ id: 7 })],
  ['issue-id-lone-surrogate', '{"event":"issue-exported","project":"p","issue":{"id":"\\ud800"}}'],
])('The reader refuses with the code %s: %s', (code, body) => {
  expect(refusal(body)).toMatchObject({ status: 400, code });
});

it('The envelope has no issue name and no project when the body has none', () => {
  expect(read(issueExported({ id: 'i' })).issue).toStrictEqual({ id: 'i' });
  expect(read('{"event":"issue-update"}')).toStrictEqual({ event: 'issue-update', elements: 0 });
});

it('The reader refuses bad UTF-8 at its first bad byte, across chunks', () => {
  const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]);
  expect(refusal(body, [7]).message).toContain('UTF-8 at byte 7');
});

it('The reader refuses an element over 4 MiB and takes an element of 4 MiB', () => {
  const element = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
  const body = (bytes: number) =>
    `{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[${element(bytes)}]}}`;
  expect(read(body(4 * 1024 * 1024)).elements).toBe(1);
  const message = 'element 0 of the issue is larger than 4,194,304 bytes';
  expect(refusal(body(4 * 1024 * 1024 + 1))).toMatchObject({
    status: 413,
    code: 'element-too-large',
    message,
  });
});

it('A key __proto__ harms nothing', () => {
  expect(read('{"__proto__":{"event":"y"},"event":"x"}')).toMatchObject({ event: 'x' });
});

it('readExport yields each element on its own, parsed', async () => {
  const elements = Array.from({ length: 300 }, (_, index) => ({
    element_id: `é${index}`,
    text: 'z'.repeat(index),
  }));
  const bytes = Buffer.from(issueExported({ elements, id: 'i' }));
  for (const size of [1, 7, 1000, 1_000_000]) expect(await allElements(bytes, size)).toEqual(elements);
});

async function allElements(bytes: Buffer, size: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const batch of readExport(inChunks(bytes, size)))
    values.push(...batch.map(({ value }) => value));
  return values;
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

it.each([
  ['{"element_id":1.50}', '1.50'],
  ['{"element_id":1152921504606846977}', '1152921504606846977'],
  ['{"element_id": -0 }', '-0'],
  ['{"element_id":1e400}', '1e400'],
  ['{"element_id":true}', 'true'],
  [`{"element_id":${'7'.repeat(5000)}}`, '7'.repeat(5000)],
  ['{"elementId":2e3}', '2e3'],
  ['{"id":false,"frame_data":{"id":4}}', 'false'],
  ['{"id":3,"elementId":2,"element_id":[]}', '2'],
  ['{"\\u0069d":3}', '3'],
  [`{"id":3,"a":[${'0,'.repeat(400_000)}0]}`, '3'],
  ['{"element_id":"a","frame_data":{"id":4}}', undefined],
  ['{"element_id":null,"n":1}', undefined],
  ['{"element_id":[1]}', undefined],
  ['[1]', undefined],
  ['1', undefined],
])('readExport reads an id that is a number or a boolean exactly as the body has it', async (element, id) => {
  const body = `{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[${element}]}}`;
  for (const size of [7, 1_000_000]) {
    const ids: unknown[] = [];
    for await (const batch of readExport(inChunks(Buffer.from(body), size)))
      ids.push(...batch.map(({ literalId }) => literalId));
    expect(ids).toEqual([id]);
  }
});

it('readExport yields an element whose chunks share memory', async () => {
  const bytes = Buffer.from(
    issueExported({ id: 'i', elements: [{ element_id: 'abcdefghijklmnop' }, 'second'] }),
  );
  const reused = Buffer.alloc(10);
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += 10)
      yield reused.subarray(0, bytes.copy(reused, 0, at, at + 10));
  };
  const values: unknown[] = [];
  for await (const batch of readExport(chunks())) values.push(...batch.map(({ value }) => value));
  expect(values).toEqual([{ element_id: 'abcdefghijklmnop' }, 'second']);
});

it('readExport yields elements before it has read event and project, and returns the envelope at the end', async () => {
  const body = Buffer.from(
    '{"issue":{"elements":[1,{"a":2}],"id":"i"},"project":"p","event":"issue-exported"}',
  );
  const batches = readExport(inChunks(body, 30));
  const indexes: number[] = [];
  for (;;) {
    const next = await batches.next();
    if (next.done) {
      expect(next.value).toEqual({ event: 'issue-exported', project: 'p', issue: { id: 'i' }, elements: 2 });
      break;
    }
    indexes.push(...next.value.map(({ index }) => index));
  }
  expect(indexes).toEqual([0, 1]);
});

it('readExport reads the next chunk only after the batch is processed, and closes the chunks when its caller leaves early', async () => {
  let chunksRead = 0;
  let isClosed = false;
  const chunks = async function* () {
    try {
      for (;;) {
        chunksRead += 1;
        yield Buffer.from(chunksRead === 1 ? '{"issue":{"elements":[1' : ',1');
      }
    } finally {
      isClosed = true;
    }
  };
  for await (const _batch of readExport(chunks())) if (chunksRead === 3) break;
  expect({ chunksRead, isClosed }).toEqual({ chunksRead: 3, isClosed: true });
});

it('readExport yields no element for a number that the end of the body cuts off, at every cut', async () => {
  for (const number of ['1', '-1', '1.5', '2e5']) {
    const body = Buffer.from(
      `{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[0,${number}`,
    );
    for (const size of [1, 3, 1000]) {
      const values: unknown[] = [];
      const reading = (async () => {
        for await (const batch of readExport(inChunks(body, size)))
          values.push(...batch.map(({ value }) => value));
      })();
      await expect(reading).rejects.toThrow(`unexpected end at byte ${body.length}`);
      expect(values).toEqual([0]);
    }
  }
});

it('readExport parses no element with too many values, but parses a long element with few values', async () => {
  const withElement = async (element: string) =>
    (
      await allElements(
        Buffer.from(`{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[${element},7]}}`),
        65_536,
      )
    )[0];
  const list = (value: string, count: number) => `[${Array.from({ length: count }, () => value).join()}]`;
  expect(await withElement(list('{}', 99_999))).toHaveLength(99_999);
  expect(await withElement(list('{}', 100_000))).toBeInstanceOf(TooHeavy);
  expect(await withElement(list('[]', 100_000))).toBeInstanceOf(TooHeavy);
  expect(await withElement(list('{"":1}', 44_443))).toHaveLength(44_443);
  expect(await withElement(list('{"":1}', 44_445))).toBeInstanceOf(TooHeavy);
  expect(await withElement(list('0', 399_996))).toHaveLength(399_996);
  expect(await withElement(list('0', 399_997))).toBeInstanceOf(TooHeavy);
  expect(await withElement(`[${'0,'.repeat(399_996).padEnd(13 * 65_536 - 1)}0]`)).toBeInstanceOf(TooHeavy); // exactly the most, then one more
  expect(await withElement(`"${'x'.repeat(4_000_000)}"`)).toHaveLength(4_000_000);
});

it('readExport stops between two chunks when its signal aborts', async () => {
  const stop = new AbortController();
  const reading = readExport(inChunks(Buffer.from('[1,2,3]'), 2), { signal: stop.signal });
  await reading.next();
  stop.abort(new Error('shutting down'));
  await expect(reading.next()).rejects.toThrow('shutting down');
});

it('The reader throws the same error in every call after the first error', () => {
  const reader = createExportReader();
  expect(() => reader.push(Buffer.from('{,'))).toThrow('unexpected "," at byte 1');
  expect(() => reader.push(Buffer.from('"event":"x"}'))).toThrow('unexpected "," at byte 1');
  expect(() => reader.end()).toThrow('unexpected "," at byte 1');
});

const manyKeys = (count: number) => Array.from({ length: count }, (_, at) => `"k${at}":0`).join();

it.each([
  ['in another spelling', '{"event":"a","\\u0065vent":"b"}'],
  ['of no use to Requeue', '{"event":"a","x":1,"x":2}'],
  ['after many unknown keys', `{${manyKeys(9999)},"event":"a","event":"b"}`],
  ['__proto__', '{"event":"a","__proto__":1,"__proto__":2}'],
  ['issue', '{"event":"a","issue":{},"issue":{}}'],
])('The reader refuses a duplicate key of the envelope: %s', (_, body) => {
  expect(refusal(body)).toMatchObject({ status: 400, code: 'key-twice' });
});

it('The reader finds a duplicate among 10,000 unknown keys, refuses more keys, and compares no key over 512 bytes', () => {
  expect(refusal(`{"event":"a",${manyKeys(10_000)},"k9999":1}`)).toMatchObject({ code: 'key-twice' });
  expect(read(`{"event":"a",${manyKeys(10_000)}}`).event).toBe('a');
  expect(refusal(`{"event":"a",${manyKeys(10_001)}}`)).toMatchObject({
    status: 400,
    code: 'too-many-keys',
    message: 'the webhook payload has more than 10,000 unknown keys',
  });
  expect(refusal(`{"event":"issue-update","issue":{${manyKeys(10_001)}}}`)).toMatchObject({
    code: 'too-many-keys',
  });
  const inElement = `{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[{${manyKeys(10_001)}}]}}`;
  expect(read(inElement).elements).toBe(1);
  const long = (bytes: number) => `"${'k'.repeat(bytes - 2)}":0`;
  expect(refusal(`{"event":"a",${long(512)},${long(512)}}`)).toMatchObject({ code: 'key-twice' });
  expect(read(`{"event":"a",${long(513)},${long(513)},"":0}`).event).toBe('a');
});

it('The message names a duplicate key by its first 60 characters', () => {
  const key = `"${'é'.repeat(61)}":0`;
  expect(refusal(`{"event":"a",${key},${key}}`).message).toBe(
    `the webhook payload has the key "${'é'.repeat(60)}" twice`,
  );
});

it.each([
  ['[]', 'an array'],
  ['{}', 'an object'],
  ['7', 'a number'],
  ['true', 'true'],
  ['false', 'false'],
])('The message for the issue id %s names the type that the body has', (id, got) => {
  const body = `{"event":"issue-exported","project":"p","issue":{"id":${id}}}`;
  expect(refusal(body).message).toBe(`expected issue.id to be a string, got ${got}`);
});

it.each([
  ['3', 'expected project to be a string, got a number'],
  ['""', 'expected project to be a non-empty string'],
  ['null', 'webhook payload did not contain expected key: project'],
])('The message for the project %s names what was expected', (project, message) => {
  expect(refusal(`{"event":"issue-exported","project":${project},"issue":{"id":"i"}}`)).toMatchObject({
    code: 'no-project',
    message,
  });
});

it('The messages for elements and an issue that are strings name the type', () => {
  expect(refusal(issueExported({ id: 'i', elements: 'x' })).message).toBe(
    'expected issue.elements to be an array, got a string',
  );
  expect(refusal(issueExported('x')).message).toBe('expected issue to be an object, got a string');
});

it('The reader refuses a duplicate key of the issue for issue-exported only, and takes one inside an element', () => {
  const body = (event: string, issue: string) => `{"issue":${issue},"event":"${event}","project":"p"}`;
  expect(refusal(body('issue-exported', '{"id":"i","x":1,"\\u0078":2}'))).toMatchObject({
    code: 'key-twice',
  });
  expect(read(body('issue-update', '{"id":"i","x":1,"x":2}'))).toEqual({
    event: 'issue-update',
    project: 'p',
    elements: 0,
  });
  expect(
    read(body('issue-exported', '{"id":"i","elements":[{"a":1,"a":2}],"o":{"id":1,"id":2}}')).elements,
  ).toBe(1);
});

it('The reader ignores keys of the same name outside of the envelope', () => {
  const body =
    '{"x":{"event":"no","id":"no","elements":[1]},"event":"issue-exported","project":"p","issue":{"event":7,"y":{"id":1},"id":"i"},"id":"no"}';
  expect(read(body)).toEqual({ event: 'issue-exported', project: 'p', issue: { id: 'i' }, elements: 0 });
  expect(refusal('[{"event":"x"},{"event":"x"}]')).toMatchObject({ code: 'not-an-object' });
});

it('The reader counts only issue.elements, and only the first element may name the issue', () => {
  const after = '"x":{"y":[1,2,[3]],"a":{"b":{"issue_name":"no"}}}';
  const body = `{"issue":{"y":[1,2],"id":"i","elements":[{}]},${after},"event":"issue-exported","project":"p"}`;
  expect(read(body)).toEqual({ event: 'issue-exported', project: 'p', issue: { id: 'i' }, elements: 1 });
});

it('The reader takes other values over 4 MiB', () => {
  const large = 'x'.repeat(5 * 1024 * 1024);
  expect(
    read(
      JSON.stringify({
        large,
        event: 'issue-exported',
        project: 'p',
        issue: { large, id: 'i', elements: [1] },
      }),
    ).elements,
  ).toBe(1);
  expect(refusal(issueExported({ id: 'i', elements: { large } }))).toMatchObject({
    code: 'elements-not-an-array',
  });
});

it('The reader takes any JSON as issue and project of another event', () => {
  const long = JSON.stringify('x'.repeat(70_000));
  for (const issue of ['null', '7', '[{"id":1}]', long, `{"id":7,"name":${long},"elements":{}}`]) {
    expect(read(`{"event":"issue-update","issue":${issue},"project":${long}}`)).toEqual({
      event: 'issue-update',
      elements: 0,
    });
  }
});

it('The reader refuses a text over 64 KiB in its own keys, and takes texts of any length elsewhere', () => {
  const text = (bytes: number) => 'x'.repeat(bytes - 2);
  expect(read(JSON.stringify({ event: text(65_536) })).event).toHaveLength(65_534);
  expect(refusal(JSON.stringify({ event: text(65_537) }))).toMatchObject({ status: 400, code: 'too-long' });
  expect(refusal(issueExported({ id: 'i' }, { project: text(65_537) })).message).toBe(
    'the value of project is longer than 65,536 bytes',
  );
  expect(refusal(issueExported({ id: 'i', name: text(65_537) })).message).toBe(
    'the value of name is longer than 65,536 bytes',
  );
  const tooLong = { code: 'issue-id-too-long', message: 'issue.id is longer than 2,048 bytes' };
  expect(refusal(issueExported({ id: text(65_537) }))).toMatchObject(tooLong);
  expect(refusal(issueExported({ id: 'i', elements: text(65_537) }))).toMatchObject({
    code: 'elements-not-an-array',
  });
  expect(refusal(issueExported(text(65_537)))).toMatchObject({ code: 'issue-not-an-object' });
  expect(
    read(issueExported({ id: 'i', other: text(200_000) }, { ['k'.repeat(1000)]: text(200_000) })).issue,
  ).toEqual({ id: 'i' });
});

it('The reader takes the first spelling of the project that is not empty', () => {
  const body = (project: object) =>
    read(
      JSON.stringify({
        projectName: 'c',
        project_name: 'b',
        ...project,
        event: 'issue-exported',
        issue: { id: 'i' },
      }),
    ).project;
  expect(body({ project: 'a' })).toBe('a');
  expect(body({})).toBe('b');
  expect(body({ project_name: undefined })).toBe('c');
  expect(body({ project: '' })).toBe('b');
  expect(body({ project: 7 })).toBe('b');
});

it('The reader takes the issue’s own name, or the name in its first element, or none', () => {
  const name = (issue: object) => read(issueExported({ id: 'i', ...issue })).issue?.name;
  expect(name({ issueName: 'c', issue_name: 'b', name: 'a', elements: [{ issue_name: 'e' }] })).toBe('a');
  expect(name({ issueName: 'c', issue_name: 'b', elements: [{ issue_name: 'e' }] })).toBe('b');
  expect(name({ issueName: 'c', elements: [{ issue_name: 'e' }] })).toBe('c');
  expect(name({ elements: [{ issueName: 'e' }, { issue_name: 'f' }] })).toBe('e');
  expect(name({ name: 5, elements: [{ issue_name: 5, issueName: 'e' }] })).toBe('e');
  for (const first of [null, 1, [], 'issue_name', {}])
    expect(name({ elements: [first, { issue_name: 'f' }] })).toBeUndefined();
});

it('The reader finds the name anywhere in the first element, in any split; the last of two counts; the limit is 64 KiB', () => {
  const body = (first: string) =>
    `{"event":"issue-exported","project":"p","issue":{"elements":[${first},{"issue_name":"no"}],"id":"i"}}`;
  const named = body(
    '{"a":{"issue_name":"no"},"issue_\\u006eame":"first","b":[{"issue_name":"no"}],"issue_name":"last é","c":1}',
  );
  for (let at = 0; at <= Buffer.byteLength(named); at += 1)
    expect(read(named, [at]).issue?.name).toBe('last é');
  expect(read(body('{"issue_name":"a","issue_name":7,"issueName":"b"}')).issue?.name).toBe('b');
  for (const first of ['[["issue_name","no"]]', '["issue_name"]', '{"a":{"issue_name":"no"}}'])
    expect(read(body(first)).issue).toEqual({ id: 'i' });
  expect(read(body(`{"issue_name":"${'x'.repeat(65_534)}"}`)).issue?.name).toHaveLength(65_534);
  expect(refusal(body(`{"issue_name":"${'x'.repeat(65_535)}"}`))).toMatchObject({
    status: 400,
    code: 'too-long',
  });
});

it('The reader counts no elements when they are absent or null', () => {
  for (const more of [{}, { elements: null }, { elements: [] }])
    expect(read(issueExported({ id: 'i', ...more })).elements).toBe(0);
});

it('The reader takes the issue id unchanged, up to 2,048 bytes', () => {
  for (const id of ['a/b', '"', '..', '日本', 'x'.repeat(2048)])
    expect(read(issueExported({ id })).issue?.id).toBe(id);
  for (const id of ['', null]) expect(refusal(issueExported({ id }))).toMatchObject({ code: 'no-issue-id' });
  for (const id of ['\u007f', '\u0085', '\u0000'])
    expect(refusal(issueExported({ id }))).toMatchObject({ code: 'issue-id-control-character' });
  expect(refusal(issueExported({ id: 'é'.repeat(1025) }))).toMatchObject({ code: 'issue-id-too-long' });
});

it('The reader refuses more than 2,000,000 elements while they arrive', () => {
  const reader = createExportReader();
  reader.push(Buffer.from('{"issue":{"elements":[0'));
  for (let at = 0; at < 20; at += 1) reader.push(Buffer.from(',0'.repeat(at === 19 ? 99_999 : 100_000)));
  const message = 'the issue has more than 2,000,000 elements';
  expect(() => reader.push(Buffer.from(',0'))).toThrow(
    expect.objectContaining({ status: 413, code: 'too-many-elements', message }),
  );
});

it('The reader refuses an element over 4 MiB before it ends, also without onElement', () => {
  const reader = createExportReader();
  reader.push(Buffer.from('{"issue":{"elements":[0,"'));
  for (let kib = 0; kib < 4095; kib += 1) reader.push(Buffer.alloc(1024, 'x'));
  expect(() => reader.push(Buffer.alloc(1024, 'x'))).toThrow(
    expect.objectContaining({ status: 413, code: 'element-too-large' }),
  );
});

it('The message escapes the sender’s text', () => {
  expect(refusal('{"event":"a","\\u001b[2J":1,"\\u001b[2J":2}').message).toBe(
    'the webhook payload has the key "\\u001b[2J" twice',
  );
});
