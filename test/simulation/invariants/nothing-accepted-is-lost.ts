import type { Invariant } from './invariant';

/** Relaxed when the inbox entry, or a report of the issue, was damaged: nothing else knows the request. */
export const nothingAcceptedIsLost: Invariant = {
  name: 'nothing-accepted-is-lost',
  promise: 'Every accepted request ends with a report, or was dropped by an operator.',
  watch: (facts, fail) => ({
    atEnd() {
      const { disk } = facts.world;
      const reported = new Set(facts.readReports().flatMap(({ requests }) => requests));
      for (const { requestId, issueId } of facts.accepted) {
        const folder = facts.folderOfIssue(issueId);
        if (reported.has(requestId) || disk.files.has(`${folder}dropped/${requestId}.json`)) continue;
        if (facts.isDamaged(`inbox/${requestId}.json`) || facts.isDamaged(folder, '/report.json')) continue;
        if (facts.isDamaged(`${folder}dropped/`)) continue;
        fail(`Request ${requestId} was accepted and has no report.`);
      }
    },
  }),
};
