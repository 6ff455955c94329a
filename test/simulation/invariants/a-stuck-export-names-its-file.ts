import type { Invariant } from './invariant';

export const aStuckExportNamesItsFile: Invariant = {
  name: 'a-stuck-export-names-its-file',
  promise: 'An export that cannot go on although everything is repaired names the file that is damaged.',
  watch: (_facts, fail) => ({
    onStuck(issueId, because) {
      if (
        !/\b(plan\.json|labels\.ndjson|labels\.index|left-out\.ndjson|report\.json|report\.csv|receipts|receipt|report of this export|delivery)\b/i.test(
          because,
        )
      )
        fail(`${issueId} is stuck and names no file: ${because}`);
    },
  }),
};
