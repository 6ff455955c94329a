import { LabelingError } from '../../src/labeling/labeling-error';
import { readData } from '../../src/labeling/labelbox/labelbox-errors';
import { readOutcomes } from '../../src/labeling/labelbox/labelbox-outcomes';

function classifyReply(status: number, body: object): string {
  try {
    readData(
      { status, headers: {}, isBrokenOff: false, text: JSON.stringify(body) },
      { projectId: 'p1', labelIds: ['l6', 'l7'] },
    );
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

const graphqlError = (code?: string, message = '') => ({ message, extensions: { code } });

it.each([500, 502, 503, 504])('HTTP %i that reports an exceeded limit may have had an effect', (status) => {
  expect(classifyReply(status, { message: 'You have exceeded the limit' })).toBe('no-answer');
});

it.each([
  ['MALFORMED_REQUEST', 'INTERNAL_SERVER_ERROR', 'no-answer'],
  ['AUTHENTICATION_ERROR', 'INTERNAL_SERVER_ERROR', 'no-answer'],
  ['RESOURCE_NOT_FOUND', 'INTERNAL_SERVER_ERROR', 'no-answer'],
  ['SOMETHING_NEW', 'INTERNAL_SERVER_ERROR', 'no-answer'],
  ['MALFORMED_REQUEST', 'SOMETHING_NEW', 'call-refused'],
  ['RESOURCE_NOT_FOUND', undefined, 'call-refused'],
  ['RESOURCE_NOT_FOUND', 'MALFORMED_REQUEST', 'bad-items'],
])('Of the errors %s and %s, the one that may have had an effect counts, in either order', (a, b, kind) => {
  const errors = [graphqlError(a), graphqlError(b)];
  expect(classifyReply(200, { errors })).toBe(kind);
  expect(classifyReply(200, { errors: errors.toReversed() })).toBe(kind);
});

it.each([
  [{ bulkDeleteLabels: { count: 1 } }, 'no-answer'],
  [{ bulkDeleteLabels: { success: true } }, 'no-answer'],
  [{ bulkDeleteLabels: { deletedLabelIds: ['another'] } }, 'no-answer'],
  [{ bulkDeleteLabels: { deletedLabelIds: ['l6'], success: false } }, 'no-answer'],
  [{ bulkDeleteLabels: { deletedLabelIds: ['l6'] } }, 'no error'],
  [{ bulkDeleteLabels: { count: 0 } }, 'items-unknown'],
  [{ bulkDeleteLabels: null }, 'items-unknown'],
  [null, 'items-unknown'],
])('The data %j beside an error about a label ends as %s', (data, kind) => {
  const errors = [graphqlError('RESOURCE_NOT_FOUND', 'Label l7 not found')];
  expect(classifyReply(200, { data, errors })).toBe(kind);
});

it.each([
  ['Resource l6 was not found in project p1', 'items-unknown'],
  ['In project p1 there is no l7', 'items-unknown'],
  ['p1/l6 not found', 'items-unknown'],
  ['Resource p1 was not found', 'project-unknown'],
  ['Project p1 was not found, l61', 'project-unknown'],
])('The message "%s" ends as %s', (message, kind) => {
  expect(classifyReply(200, { errors: [graphqlError('RESOURCE_NOT_FOUND', message)] })).toBe(kind);
});
