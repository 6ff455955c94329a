import type { Invariant } from './invariant';

/** Relaxed after a reset, which may report a request again, and when a report of the issue was damaged. */
export const oneReportPerRequest: Invariant = {
  name: 'one-report-per-request',
  promise: 'No request is in two reports.',
  watch: (facts, fail) => ({
    atEnd() {
      if (facts.world.scenario.hasResets) return;
      const reportOf = new Map<string, string>();
      for (const { key, issueId, requests } of facts.readReports())
        for (const requestId of requests) {
          const other = reportOf.get(requestId);
          reportOf.set(requestId, key);
          if (other !== undefined && !facts.isDamaged(facts.folderOfIssue(issueId)))
            fail(`Request ${requestId} is in ${other} and in ${key}.`);
        }
    },
  }),
};
