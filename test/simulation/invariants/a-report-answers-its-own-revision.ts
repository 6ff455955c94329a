import type { Invariant } from './invariant';

/** Relaxed when an inbox entry was damaged. */
export const aReportAnswersItsOwnRevision: Invariant = {
  name: 'a-report-answers-its-own-revision',
  promise:
    'A report answers only requests for its revision and project: what waits behind an export does not end with it.',
  watch: (facts, fail) => ({
    atEnd() {
      if (facts.isDamaged('inbox/')) return;
      for (const { key, outcome, revision, project, requests } of facts.readReports())
        for (const requestId of requests) {
          const request = facts.requests.get(requestId);
          if (request && (request.revision !== revision || request.project !== project))
            fail(
              `Request ${requestId} for revision ${request.revision} of ${request.project} is reported as ${outcome} in ${key} of ${project}.`,
            );
        }
    },
  }),
};
