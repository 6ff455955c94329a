import { findViolations, type LabelRow, type SentDelivery } from './find-violations';

const labelIds = ['a', 'b', 'c'];

function aRow(labelId: string, change: Partial<LabelRow> = {}): LabelRow {
  return { labelId, outcome: 'relabeled', repeated: false, ...change };
}

/** A delivery of three labels, of which two are approved. */
function aSentDelivery(change: Partial<SentDelivery> = {}): SentDelivery {
  const report = [aRow('a'), aRow('b', { repeated: true }), aRow('c', { outcome: 'withheld' })];
  return { issueId: 'one', labelIds, approvedUpTo: 2, isAccepted: true, reports: [report], ...change };
}

const rightLedger = [{ labelIds: ['a', 'b'] }, { labelIds: ['b'] }];

it('A run whose ledger and reports agree has no violation', () => {
  expect(findViolations([aSentDelivery()], rightLedger)).toEqual({
    violations: [],
    labels: 3,
    approved: 2,
    executedTwice: 1,
    repeated: 1,
  });
});

it.each<[string, Partial<SentDelivery>, readonly string[][], readonly string[]]>([
  [
    'an approved label that was never executed',
    {},
    [['b'], ['b']],
    ['a of one is lost: it was never executed.', 'a of one is relabeled, but was never executed.'],
  ],
  [
    'a label without approval',
    {},
    [['a', 'b', 'c'], ['b']],
    ['c of one was executed 1 times without approval.', 'c of one is withheld, but was executed.'],
  ],
  [
    'a label that was executed twice',
    {},
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['a of one was executed 2 times and is not repeated.'],
  ],
  ['a label of no delivery', {}, [['a', 'b', 'd'], ['b']], ['d was executed, but is in no delivery.']],
  [
    'a delivery without a report',
    { reports: [], approvedUpTo: 0 },
    [],
    ['one was accepted and has no report.'],
  ],
  [
    'a report without a label',
    { reports: [[aRow('a'), aRow('b', { repeated: true })]] },
    [['a', 'b'], ['b']],
    ['The report of one has 2 labels, of which 2 differ; expected 3.'],
  ],
  [
    'an approved label with another outcome',
    {
      reports: [[aRow('a', { outcome: 'unconfirmed' }), aRow('b', { repeated: true }), aRow('c')]],
      approvedUpTo: 3,
    },
    [['a', 'b', 'c'], ['b']],
    ['a of one is not reported as relabeled: it is unconfirmed.'],
  ],
])('The check names %s', (_, change, calls, expected) => {
  const ledger = calls.map((labelIdsOfCall) => ({ labelIds: labelIdsOfCall }));
  expect(findViolations([aSentDelivery(change)], ledger).violations).toEqual(expected);
});
