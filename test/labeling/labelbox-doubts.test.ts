import { LabelingError } from '../../src/labeling/labeling-error';
import { readData } from '../../src/labeling/labelbox/labelbox-errors';
import { readOutcomes } from '../../src/labeling/labelbox/labelbox-outcomes';

function classifyReply(status: number, body: object): string {
  try {
    readData({ status, headers: {}, isBrokenOff: false, text: JSON.stringify(body) });
    return 'no error';
  } catch (error) {
    return error instanceof LabelingError ? error.kind : String(error);
  }
}

it.each([200, 409])('A conflict under HTTP %i is non-retryable', (status) => {
  const errors = [{ message: 'Conflict', extensions: { code: 'RESOURCE_CONFLICT' } }];
  expect(classifyReply(status, { errors, data: null })).not.toBe('retryable');
});

it.each([
  ['nothing at all', {}],
  ['null for the mutation', { project: { bulkDeleteLabels: null } }],
])('A reply with %s confirms no label', (_what, data) => {
  expect(readOutcomes([{ labelId: 'a' }], data).items[0]?.outcome).not.toBe('relabeled');
});
