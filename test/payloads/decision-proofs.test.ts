import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDecisionProofs } from '../../src/payloads/decision-proofs';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { decisionProofKey, decisionProofsFolder } from '../../src/payloads/keys';
import { tempFolder } from './temp-folder';

const parent = tempFolder();

/** Writes `count` proofs whose names sort in another order than their times. */
function aStore(count: number) {
  const folder = mkdtempSync(join(parent, 'store-'));
  mkdirSync(join(folder, decisionProofsFolder('one')), { recursive: true });
  for (let at = 0; at < count; at += 1) {
    const name = ((at * 7919) % 1_000_003).toString(16).padStart(8, '0');
    const proof = { issueId: 'one', decision: 'pause', by: 'ann', at: timeOf(at) };
    writeFileSync(join(folder, decisionProofKey('one', name)), JSON.stringify(proof));
  }
  return { folder, store: createFolderStore({ folder }) };
}

function timeOf(second: number): string {
  return new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString();
}

it.each([0, 1, 999, 1000, 1001, 2001, 4500])(
  'Of %i proofs, the newest 1,000 are listed, oldest first',
  async (count) => {
    const { store } = aStore(count);
    const from = Math.max(0, count - 1000);
    expect((await listDecisionProofs(store, 'one')).map(({ at }) => at)).toEqual(
      Array.from({ length: count - from }, (_, at) => timeOf(from + at)),
    );
  },
);

it('An unreadable proof hides no other', async () => {
  const { folder, store } = aStore(3);
  writeFileSync(join(folder, decisionProofKey('one', 'ffffffff')), 'torn');
  writeFileSync(join(folder, decisionProofsFolder('one'), 'notes.txt'), '');
  expect(await listDecisionProofs(store, 'one')).toHaveLength(3);
});
