import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Receipt } from '../../src/domain/receipt';
import { ChangedFile } from '../../src/payloads/changed-file';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { receiptKey, sentKey } from '../../src/payloads/keys';
import { readReceipt, readSentMark, writeReceipt, writeSentMark } from '../../src/payloads/receipts';
import { writeJson } from '../../src/payloads/small-objects';
import { tempFolder } from './temp-folder';

const folder = tempFolder({ inMemory: true });
const store = createFolderStore({ folder });
const ref = { issueId: 'issue-1', revision: '0123456789ab', attempt: 1 };
const range = { from: 7, to: 10 };
const receipt: Receipt = {
  version: 1,
  ...range,
  sentAt: '2026-11-24T01:00:00.000Z',
  answeredAt: '2026-11-24T01:00:01.000Z',
  requested: 3,
  repeated: false,
  reported: 2,
  items: [
    { labelId: 'label-7', outcome: 'relabeled' },
    { labelId: 'h\u00E9 \uD800 "8"', outcome: 'refused', reason: 'It is \\ locked.' },
    { labelId: 'label-9', outcome: 'already-gone' },
  ],
};

/** Flips one bit in each byte of a file in turn, and yields the byte's offset. */
function* flipped(key: string): Generator<number> {
  const path = join(folder, key);
  const before = readFileSync(path);
  for (let at = 0; at < before.length; at += 1) {
    const bytes = Buffer.from(before);
    bytes[at]! ^= 1 << (at % 8);
    writeFileSync(path, bytes);
    yield at;
  }
  writeFileSync(path, before);
}

async function read(): Promise<Receipt | 'refused'> {
  try {
    return await readReceipt(store, ref, range);
  } catch (error) {
    if (
      error instanceof ChangedFile &&
      error.message.startsWith('receipts/7-10.json of attempt 1 at revision 0123456789ab ')
    )
      return 'refused';
    throw error;
  }
}

describe('a receipt', () => {
  it('is read unchanged', async () => {
    await writeReceipt(store, ref, receipt);
    expect(await read()).toEqual(receipt);
  });

  it('is refused after a flipped bit in any byte, unless its content stays the same', async () => {
    await writeReceipt(store, ref, receipt);
    let refused = 0;
    for (const place of flipped(receiptKey(ref, range))) {
      const got = await read();
      if (got === 'refused') refused += 1;
      else expect([place, got]).toEqual([place, receipt]);
    }
    expect(refused).toBeGreaterThan(400);
  });

  it.each<[string, (text: string) => string]>([
    ['another outcome', (text) => text.replace('"refused"', '"relabeled"')],
    ['another label id', (text) => text.replace('label-7', 'label-6')],
    ['a missing reason', (text) => text.replace(/,"reason":"[^"]*"/, '')],
    [
      'another label id and its hash under another name',
      (text) => text.replace('label-7', 'label-6').replace('receiptSha256', 'receiptSha257'),
    ],
    [
      'another label id and no hash',
      (text) => text.replace('label-7', 'label-6').replace(/:"[0-9a-f]{64}"/, ':null'),
    ],
  ])('is refused with %s', async (_, change) => {
    await writeReceipt(store, ref, receipt);
    const path = join(folder, receiptKey(ref, range));
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, change(before));
    expect([readFileSync(path, 'utf8') === before, await read()]).toEqual([false, 'refused']);
  });

  it('is refused without a hash', async () => {
    await writeJson(store, receiptKey(ref, range), receipt);
    expect(await read()).toBe('refused');
  });

  it.each([
    ['an unknown outcome', { outcome: 'refuse1' }],
    ['no label id', { labelId: undefined }],
  ])('is refused with a right hash and %s', async (_, change) => {
    await writeReceipt(store, ref, {
      ...receipt,
      items: receipt.items.map((item) => ({ ...item, ...change })),
    } as Receipt);
    expect(await read()).toBe('refused');
  });

  it.each(['null', '[]', '7', '"x"', '{}', ''])('is refused with the content %p', async (text) => {
    writeFileSync(join(folder, receiptKey(ref, range)), text);
    expect(await read()).toBe('refused');
  });
});

describe('a sent-mark', () => {
  it('is a valid sent-mark or unreadable after a flipped bit in any byte', async () => {
    await writeSentMark(store, ref, range, {
      version: 1,
      sentAt: '2026-11-24T01:00:00.000Z',
      noAnswers: 1,
      owner: { activity: 'run-1/1', attempt: 1, scheduledAt: 1 },
    });
    const odd: number[] = [];
    for (const place of flipped(sentKey(ref, range))) {
      const mark = await readSentMark(store, ref, range);
      if (mark && (typeof mark.sentAt !== 'string' || typeof mark.noAnswers !== 'number')) odd.push(place);
    }
    expect(odd).toEqual([]);
  });

  it.each(['null', '[]', '7', '{"version":1}', ''])('is unreadable with the content %p', async (text) => {
    writeFileSync(join(folder, sentKey(ref, range)), text);
    expect(await readSentMark(store, ref, range)).toBeUndefined();
  });
});
