import type { Facts } from '../facts';
import type { Invariant } from './invariant';

/** Relaxed after damage: an inbox entry that waits for an operator may be dispatched again. */
export const theStoreAloneBringsEverythingBack: Invariant = {
  name: 'the-store-alone-brings-everything-back',
  promise:
    'When everything has ended and all but the store is lost, nothing happens again: no call, no report, no inbox entry.',
  watch(facts, fail) {
    let calls = 0;
    let files = '';
    return {
      atEnd() {
        calls = facts.calls.length;
        files = filesOf(facts);
      },
      afterLoss() {
        const made = facts.calls.slice(calls);
        if (made.length > 0) fail(`Calls were made again: ${made.map(({ key }) => key).join(', ')}.`);
        const now = filesOf(facts);
        if (now !== files && !facts.world.scenario.hasDamage)
          fail(`Files changed: ${firstChange(files, now)}.`);
      },
    };
  },
};

/** Inbox entries, and reports with the requests that they answer. */
function filesOf({ world }: Facts): string {
  return [...world.disk.files]
    .filter(([key]) => key.startsWith('inbox/') || key.endsWith('/report.json'))
    .map(([key, bytes]) => `${key} ${bytes.length}`)
    .sort()
    .join('\n');
}

function firstChange(before: string, after: string): string {
  const known = new Set(before.split('\n'));
  return after.split('\n').find((line) => !known.has(line)) ?? 'one is gone';
}
