import { joinReceipts } from '../../src/domain/join-receipts';
import type { LabelOutcome } from '../../src/domain/label-outcome';
import type { Receipt } from '../../src/domain/receipt';

const outcomes: readonly LabelOutcome[] = ['relabeled', 'already-gone', 'refused', 'unconfirmed'];

function aReceipt(items: readonly LabelOutcome[], change: Partial<Receipt> = {}): Receipt {
  return {
    version: 1,
    from: 4,
    to: 4 + items.length,
    repeated: false,
    sentAt: '2026-11-24T01:00:00.000Z',
    answeredAt: '2026-11-24T01:00:09.000Z',
    requested: items.length,
    reported: null,
    items: items.map((outcome, at) => ({ labelId: `label-${at}`, outcome, reason: `It is ${outcome}.` })),
    ...change,
  };
}

describe('joinReceipts', () => {
  it('keeps the stronger outcome of each label with its reason, and marks the receipt as repeated', () => {
    const pairs = outcomes.flatMap((a) => outcomes.map((b) => [a, b] as const));
    const joined = joinReceipts(aReceipt(pairs.map(([a]) => a)), aReceipt(pairs.map(([, b]) => b)));
    expect(joined).toEqual({
      ...aReceipt(pairs.map(([a, b]) => outcomes[Math.min(outcomes.indexOf(a), outcomes.indexOf(b))]!)),
      repeated: true,
    });
  });

  it('covers the time of both calls, and keeps the larger count', () => {
    const early = aReceipt(['relabeled'], { answeredAt: '2026-11-24T01:00:30.000Z', reported: 1 });
    const late = aReceipt(['refused'], { sentAt: '2026-11-24T01:00:11.000Z', reported: 0 });
    for (const joined of [joinReceipts(early, late), joinReceipts(late, early)])
      expect(joined).toEqual({ ...early, repeated: true });
    expect(joinReceipts(aReceipt(['refused']), early).reported).toBe(1);
  });
});
