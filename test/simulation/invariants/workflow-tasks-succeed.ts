import type { Invariant } from './invariant';

export const workflowTasksSucceed: Invariant = {
  name: 'workflow-tasks-succeed',
  promise: 'No workflow task fails: the workflow throws nothing, and its replay makes the same commands.',
  watch: (_facts, fail) => ({
    onTaskFailed({ workflowId }, message) {
      fail(`A workflow task of ${workflowId} failed: ${message}`);
    },
  }),
};
