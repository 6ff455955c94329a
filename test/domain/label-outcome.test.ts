import {
  addOutcomes,
  countOutcomes,
  finishedAs,
  isLabelOutcome,
  labelOutcomes,
  labelsDone,
  listOutcomes,
  noLabels,
  noOutcomes,
  type OutcomeCounts,
  problemLabels,
} from '../../src/domain/label-outcome';

const sent = countOutcomes(['relabeled', 'relabeled', 'already-gone', 'refused', 'unconfirmed']);

it('Outcomes are counted under the keys of the HTTP API and of reports', () => {
  expect(sent).toEqual({ relabeled: 2, alreadyGone: 1, refused: 1, unconfirmed: 1 });
  expect(noOutcomes).toEqual({ relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0 });
});

it('A label is done whatever its outcome, and a problem when it was refused or not confirmed', () => {
  expect([labelsDone(sent), problemLabels(sent), labelsDone(noOutcomes)]).toEqual([5, 2, 0]);
});

it('The list has every outcome in words, the withheld labels last', () => {
  const counts = { ...noLabels, planned: 9, ...sent, withheld: 4 };
  expect(listOutcomes(counts).map(({ name, labels, isProblem }) => [name, labels, isProblem])).toEqual([
    ['relabeled', 2, false],
    ['already gone', 1, false],
    ['refused', 1, true],
    ['unconfirmed', 1, true],
    ['withheld', 4, true],
  ]);
});

it('A label that was relabeled or gone needs no second send', () => {
  expect(labelOutcomes.filter((outcome) => finishedAs(outcome) !== undefined)).toEqual([
    'relabeled',
    'already-gone',
  ]);
});

it('Counts from before an outcome existed count none of it', () => {
  const old = { relabeled: 3, alreadyGone: 1 } as OutcomeCounts;
  expect(addOutcomes(old, sent)).toEqual({ relabeled: 5, alreadyGone: 2, refused: 1, unconfirmed: 1 });
  expect([labelsDone(old), problemLabels(old)]).toEqual([4, 0]);
});

it.each(['relabeled', 'already-gone'])('%s is an outcome', (name) => {
  expect(isLabelOutcome(name)).toBe(true);
});

it.each(['withheld', 'alreadyGone', 'toString', '', undefined, 7])(
  '%p is no outcome of a sent label',
  (name) => {
    expect(isLabelOutcome(name)).toBe(false);
  },
);
