import { issueIdRange } from '../../src/export-body/issue-id-range';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function idIn(text: string, size = 3): Promise<string | undefined> {
  const range = await issueIdRange(inPieces(text, size));
  return range && Buffer.from(text).subarray(range.start, range.end).toString();
}

describe('issueIdRange', () => {
  it.each([
    ['{"issue":{"id":"one","elements":[{"id":"no"}]}}', '"one"'],
    [
      '{"id":"no","x":{"id":"no"},"issue":{"elements":[{"id":"no","issue":{"id":"no"}}], "id" : "ü\\"1" }}',
      '"ü\\"1"',
    ],
    ['{"\\u0069ssue":{"i\\u0064":"one"}}', '"one"'],
    ['{"issue":{"id":42 }}', '42'],
    ['{"issue":{"id":{"a":["id"]},"id":"two"}}', '{"a":["id"]}'],
    ['{"issue":{"id":null,"name":"n"}}', 'null'],
    [`{"issue":{"${'k'.repeat(100)}":"no","id":"one"}}`, '"one"'],
  ])('finds the value, whatever is around it and however it is split: %s', async (text, id) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(await idIn(text, size)).toBe(id);
  });

  it.each([
    '{"id":"no"}',
    '{"issue":[{"id":"no"}]}',
    '{"issue":"id"}',
    '[]',
    '{"issue":{"name":"id"}}',
    '{"x":{"issue":{"id":"no"}}}',
  ])('finds none in %s', async (text) => {
    expect(await idIn(text)).toBeUndefined();
  });

  it('reads no further than the chunk in which the value ends', async () => {
    expect(await idIn('{"issue":{"id":"one"},no', 1)).toBe('"one"');
  });

  it('refuses text that is not JSON', async () => {
    await expect(idIn('{"issue":no')).rejects.toMatchObject({ code: 'broken-json' });
    await expect(idIn('{"issue":{')).rejects.toMatchObject({ code: 'broken-json' });
    await expect(idIn('')).rejects.toMatchObject({ code: 'no-body' });
  });
});
