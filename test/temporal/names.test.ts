import { exportWorkflowId, labelingTaskQueue } from '../../src/temporal/names';
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

it('The task queue of a destination bears its name', () => {
  expect(labelingTaskQueue('labelbox')).toBe('labeling-labelbox');
});
