import { findMutationFaults, bulkDeleteLabels } from '../../src/labeling/labelbox/labelbox-mutation';
import { readOutcomes } from '../../src/labeling/labelbox/labelbox-outcomes';

const sent = ['a', 'b', 'c'];

function outcomesOf(result: unknown, labelIds = sent): string[] {
  const data = { project: { bulkDeleteLabels: result } };
  const items = labelIds.map((labelId) => ({ labelId }));
  return readOutcomes(items, data).items.map(({ outcome }) => outcome);
}

describe('An answer without a confirmation', () => {
  it.each([
    [{ success: false }],
    [{ deletedLabelIds: [] }],
    [{ errorCodes: ['NOT_FOUND'] }],
    [{ processed: 0, failed: 3 }],
    [{ processed: 3 }],
    [{ failed: true }],
    [{ failedLabelIds: ['a', 'b', 'c'] }],
    [{ failed: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }],
    [{ errors: { count: 3 } }],
    [{ isDeletable: true }],
    [{ deleting: true }],
    [{ removable: 3 }],
    [{ removing: 3 }],
    [{ deletableLabelIds: ['a', 'b', 'c'] }],
    [{ success: 'failed' }],
    [{ status: 'QUEUED' }],
    [{ id: 'a' }],
    [{ task: { id: 'task-1' } }],
    [{ labelCount: 3 }],
    [{ totalCount: 3 }],
    [{ waitForQueue: true, makeTemplates: true }],
    [{ deletedLabelIds: ['x', 'y', 'z'] }],
    [{ deleted: 'true' }],
    [{ success: 'true' }],
    [{ success: null }],
    [{ success: 3.5 }],
    [{ undeletedLabelIds: ['a', 'b', 'c'] }],
    [[{ id: 'a', deleted: true }]],
    [[{ id: 'a', status: 'FAILED' }]],
    [{ __typename: 'DeletedLabels' }],
    [{}],
    [[]],
    [null],
    [''],
    ['ok'],
    [false],
    [-3],
  ])('The answer %j confirms no label', (result) => {
    expect(outcomesOf(result)).toEqual(['unconfirmed', 'unconfirmed', 'unconfirmed']);
  });

  it.each([
    [{ success: false, count: 3 }],
    [{ success: false, deletedLabelIds: ['a', 'b', 'c'] }],
    [{ count: 3, success: 'false' }],
    [{ count: 3, ok: 'No' }],
    [{ count: 3, succeeded: 'failed' }],
    [{ deletedLabelIds: ['a', 'b', 'c'], success: 'false' }],
    [{ count: 3, deleted: '0' }],
    [{ count: 3, skipped: 3 }],
    [{ count: 3, failed: 1 }],
    [{ count: 3, errors: [{ message: 'odd' }] }],
    [{ count: 3, deletedLabelIds: [] }],
    [{ success: true, deletedLabelIds: [] }],
    [{ count: 3, deletedCount: 2 }],
    [{ success: true, count: -1 }],
  ])('The answer %j contradicts itself, so it confirms no label and has no count', (result) => {
    const answer = readOutcomes(
      sent.map((labelId) => ({ labelId })),
      { project: { bulkDeleteLabels: result } },
    );
    expect(answer.items.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'unconfirmed', 'unconfirmed']);
    expect(answer.reported).toBeNull();
  });
});

describe('An answer that confirms', () => {
  it.each([
    [{ count: 3 }],
    [{ count: '3' }],
    [{ deletedCount: 3 }],
    [{ deleted_count: 3 }],
    [{ deleted: 3, failed: 0, errors: [], failedIds: null, errorMessage: '' }],
    [{ success: true }],
    [{ count: 3, success: 'True' }],
    [{ count: 3, deleted: '3' }],
    [{ ok: true, errors: null }],
    [{ isDeleted: true }],
    [{ deletedLabelIds: ['c', 'b', 'a'] }],
    [{ deletedLabels: [{ id: 'a' }, { id: 'b', __typename: 'Label' }, { labelId: 'c' }] }],
    [['a', 'b', 'c']],
    [[{ id: 'a' }, { id: 'b' }, { id: 'c' }]],
    [{ deletedLabelIds: ['a', 'b', 'c', 'another'] }],
    [true],
    [3],
  ])('The answer %j confirms every label', (result) => {
    expect(outcomesOf(result)).toEqual(['relabeled', 'relabeled', 'relabeled']);
  });

  it('A list of some ids confirms these labels only, and the reason of the others states how many it lists', () => {
    const items = sent.map((labelId) => ({ labelId }));
    const answer = readOutcomes(items, { deleteLabels: { deletedLabelIds: ['b'], failed: 2 } });
    const reason = 'The labeling service lists 1 of 3 labels as done, and not this one.';
    expect(answer).toEqual({
      reported: 1,
      items: [
        { labelId: 'a', outcome: 'unconfirmed', reason },
        { labelId: 'b', outcome: 'relabeled' },
        { labelId: 'c', outcome: 'unconfirmed', reason },
      ],
    });
  });

  it('Ids that are numbers confirm labels whose ids are these digits', () => {
    expect(outcomesOf({ deletedLabelIds: [7, 9] }, ['7', '8', '9'])).toEqual([
      'relabeled',
      'unconfirmed',
      'relabeled',
    ]);
  });

  it('A count of none with an empty list or a success means that every label was already gone', () => {
    for (const result of [
      { count: 0, deletedLabelIds: [] },
      { count: 0, success: true },
    ])
      expect(outcomesOf(result)).toEqual(['already-gone', 'already-gone', 'already-gone']);
  });
});

describe('A configured mutation', () => {
  const selecting = (selection: string, rest = '') =>
    findMutationFaults(
      `mutation($projectId: ID!, $labelIds: [ID!]) { ${selection.replace('()', '(p: $projectId, ids: $labelIds)')} } ${rest}`,
    );

  it('The guide’s mutation can confirm', () => {
    expect(findMutationFaults(bulkDeleteLabels)).toEqual([]);
  });

  it.each([
    ['deleteLabels() { id }', ''],
    ['deleteLabels() { id __typename }', ''],
    ['deleteLabels()', ''],
    ['success: archive()', ''],
    ['archive() { count: affected }', ''],
    ['archive() { result { deletedLabelIds } }', ''],
    ['archive() { ... on Archived { success } }', ''],
    ['archive() { ...F }', 'fragment F on Archived { ...G } fragment G on Archived { ok }'],
  ])('The answer to "%s" can confirm', (selection, rest) => {
    expect(selecting(selection, rest)).toEqual([]);
  });

  it.each([
    ['archive()', ''],
    ['archive() { id }', ''],
    ['archive() { __typename }', ''],
    ['archive() { status task { id } }', ''],
    ['archive() { failedLabelIds errors { count } }', ''],
    ['deleteLabels() { id status }', ''],
    ['archive() { totalCount labels { id } }', ''],
    ['archive() { ...F }', 'fragment F on Archived { a { ...F } b { ...F } ...F }'],
    ['archive() { ...Unknown }', ''],
  ])('The answer to "%s" cannot confirm', (selection, rest) => {
    expect(selecting(selection, rest)).toEqual([
      expect.stringMatching(/^The answer to the configured mutation cannot confirm any label, .*\.$/),
    ]);
  });
});
