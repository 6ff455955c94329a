import { noOutcomes } from '../../src/domain/label-outcome';
import type { ExportRequest } from '../../src/domain/request';
import type { Carried } from '../../src/workflows/state/carried';
import type { ScriptedActivities } from './harness/scripted-activities';

/** The state of a run with an open question about 150 labels, as continue-as-new passes it on. */
export function carriedQuestion(
  activities: ScriptedActivities,
  request: ExportRequest,
  expiresAt = Date.now() + 3_600_000,
  openedAt = Date.now(),
): Carried {
  return {
    queue: [],
    current: {
      request,
      also: [],
      plan: activities.makePlan({ request }, { labels: 150, approvalAbove: 100 }),
      cursor: { next: 0, returned: [], chunkLabels: 100, done: 0 },
      counts: noOutcomes,
      approvedUpTo: 0,
      asking: { openedAt, expiresAt, remindAt: expiresAt },
    },
    pendingDecisions: [],
    log: [],
    questionsAsked: 1,
    recent: [],
    noticesSent: 0,
    notices: [],
  };
}
