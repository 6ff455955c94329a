import { exportWorkflowId, labelingTaskQueue } from '../../src/temporal/names';
import { acceptedIds, hostileNames } from '../support/hostile-names';

it.each(hostileNames.filter(({ asIssueId }) => asIssueId === 'verbatim'))(
  'lets $what stand in the workflow id',
  ({ text }) => {
    expect(exportWorkflowId(text)).toBe(`export-issue-${text}`);
  },
);

it.each(hostileNames.filter(({ asIssueId }) => asIssueId === 'hashed'))(
  'names the workflow of $what by its hash',
  ({ text }) => {
    expect(exportWorkflowId(text)).toMatch(/^export-issue-sha256-[0-9a-f]{64}$/);
    expect(exportWorkflowId(text)).not.toBe(`export-issue-${text}`);
  },
);

it('gives every issue a workflow of its own', () => {
  expect(new Set(acceptedIds.map(exportWorkflowId)).size).toBe(acceptedIds.length);
});

it('the task queue of a destination bears its name', () => {
  expect(labelingTaskQueue('labelbox')).toBe('labeling-labelbox');
});
