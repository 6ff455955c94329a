import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '../../../src/dev/sandbox/ledger';
import { tempFolder } from '../../payloads/temp-folder';
import { deletedCount, sandboxes } from './sandbox-client';

const start = sandboxes();
const folder = tempFolder();
const call = (labelIds: string[], projectId = 'p') => ({
  projectId,
  labelIds,
  makeTemplates: true,
  waitForQueue: true,
});

describe('the ledger of the sandbox', () => {
  it('is on disk before the sandbox answers, and restored after a restart', async () => {
    const file = join(folder, 'made/on/the/way', 'ledger.ndjson');
    const first = await start({ file });
    await first.relabel(['a', 'ü"\n🙂']);
    const [line, rest] = readFileSync(file, 'utf8').split('\n');
    expect([JSON.parse(line ?? ''), rest]).toEqual([first.ledger()[0], '']);
    await first.close();
    const second = await start({ file });
    expect(await second.ledgerOverHttp()).toEqual(first.ledger());
    expect((await second.relabel(['a', 'b'])).body).toEqual(deletedCount(1));
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });

  it('keeps every entry of many concurrent calls, in the order of the file', async () => {
    const file = join(folder, 'many.ndjson');
    const ledger = await openLedger(file);
    await Promise.all(Array.from({ length: 500 }, (_, place) => ledger.execute(call([`label-${place}`]))));
    await ledger.close();
    const again = await openLedger(file);
    expect(again.entries).toEqual(ledger.entries);
    expect(again.entries).toHaveLength(500);
    await again.close();
  });

  it('truncates an incomplete last line, and appends after the line before', async () => {
    const file = join(folder, 'torn.ndjson');
    const first = await openLedger(file);
    await first.execute(call(['a']));
    await first.close();
    appendFileSync(file, '{"projectId":"p","labelIds":["b"],"appl');
    const second = await openLedger(file);
    expect((await second.execute(call(['a', 'b']))).applied).toEqual(['b']);
    await second.close();
    const third = await openLedger(file);
    expect(third.entries.map(({ labelIds }) => labelIds)).toEqual([['a'], ['a', 'b']]);
    await third.close();
  });

  it('reads a line that is longer than one chunk of the file', async () => {
    const file = join(folder, 'long.ndjson');
    const first = await openLedger(file);
    const labelIds = Array.from({ length: 100_000 }, (_, place) => `a-rather-long-label-id-${place}`);
    await first.execute(call(labelIds));
    await first.execute(call(['last']));
    await first.close();
    const second = await openLedger(file);
    expect(second.entries.map((entry) => entry.applied.length)).toEqual([100_000, 1]);
    await second.close();
  });

  it.each(['not json', '{"projectId":"p"}', '{"projectId":"p","labelIds":[1],"applied":[]}', 'null'])(
    'refuses to open with a line that is not an entry: %s',
    async (line) => {
      const file = join(folder, 'spoiled.ndjson');
      writeFileSync(file, `${line}\n`);
      await expect(openLedger(file)).rejects.toThrow(
        `${file}:1 is not a sandbox ledger entry; move the file elsewhere to start with an empty ledger.`,
      );
    },
  );

  it('restores the labels when the entry can’t be written', async () => {
    const ledger = await openLedger(join(folder, 'closed.ndjson'));
    await ledger.close();
    await expect(ledger.execute(call(['a']))).rejects.toThrow(/closed|EBADF/);
    expect(ledger.entries).toEqual([]);
  });
});
