import {
  earlierWorkflowId,
  exportWorkflowId,
  isWorkflowOf,
  labelingTaskQueue,
} from '../../src/temporal/names';
import { acceptedIds, hostileNames } from '../support/hostile-names';

it.each(hostileNames.filter(({ asIssueId }) => asIssueId === 'verbatim'))(
  'The workflow id contains $what verbatim',
  ({ text }) => {
    expect(exportWorkflowId(text)).toBe(`export-issue-${text}`);
  },
);

it.each(hostileNames.filter(({ asIssueId }) => asIssueId === 'hashed'))(
  'The workflow id contains the hash of $what',
  ({ text }) => {
    expect(exportWorkflowId(text)).toMatch(/^export-issue-sha256-[0-9a-f]{64}$/);
    expect(exportWorkflowId(text)).not.toBe(`export-issue-${text}`);
  },
);

it('Every issue has a workflow id of its own', () => {
  expect(new Set(acceptedIds.map(exportWorkflowId)).size).toBe(acceptedIds.length);
});

it('An issue id with a percent sign keeps the workflow id that an earlier version gave it', () => {
  const id = '100%';
  expect(earlierWorkflowId(id)).toBe('export-issue-100%');
  expect(isWorkflowOf(id, 'export-issue-100%')).toBe(true);
  expect(isWorkflowOf(id, exportWorkflowId(id))).toBe(true);
  expect(isWorkflowOf('100', 'export-issue-100%')).toBe(false);
});

it.each(['issue-1', `${'x'.repeat(200)}%`, `sha256-${'0'.repeat(64)}`])(
  'The issue %s had no other workflow id before',
  (id) => {
    expect(earlierWorkflowId(id)).toBeUndefined();
  },
);

it('The task queue of a destination bears its name', () => {
  expect(labelingTaskQueue('labelbox')).toBe('labeling-labelbox');
});
