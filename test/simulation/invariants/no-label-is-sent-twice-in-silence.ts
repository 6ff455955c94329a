import { folderOf, type Facts, type StoredPlan, type StoredReport } from '../facts';
import type { LedgerCall } from '../labeling';
import type { Invariant } from './invariant';

/** Relaxed where receipts or sent-marks of the attempt were damaged: then nothing may show the first sending. */
export const noLabelIsSentTwiceInSilence: Invariant = {
  name: 'no-label-is-sent-twice-in-silence',
  promise:
    'A label has one effect per attempt, or its report says so; a later attempt sends it again only for a reason that is stored.',
  watch: (facts, fail) => ({
    atEnd() {
      const reports = facts.readReports();
      for (const report of reports) checkAttempt(facts, report, fail);
      checkLaterAttempts(facts, reports, fail);
    },
  }),
};

type Fail = (sentence: string) => void;

function checkAttempt(facts: Facts, report: StoredReport, fail: Fail): void {
  if (facts.hasLostReceipts(folderOf(report.key))) return;
  const executed = facts.callsOf(report.requestId).flatMap((call) => call.executed);
  for (const { labelId, outcome, repeated } of report.labels) {
    const times = executed.filter((id) => id === labelId).length;
    if (times > 1 && !repeated && outcome !== 'unconfirmed')
      fail(`Label ${labelId} in ${report.key} was relabeled ${times} times, and the report does not say so.`);
  }
}

/** By label and project, the attempts that relabeled it. */
function checkLaterAttempts(facts: Facts, reports: readonly StoredReport[], fail: Fail): void {
  const first = new Map<string, LedgerCall>();
  for (const call of facts.calls)
    for (const labelId of call.executed) {
      const requestId = requestOf(call);
      const name = `${facts.requests.get(requestId)?.issueId} ${call.project} ${labelId}`;
      const before = first.get(name) ?? call;
      first.set(name, before);
      const earlier = requestOf(before);
      if (earlier === requestId || isContinued(facts, requestId, before)) continue;
      if (!mayBeSentAgain(facts, reports, { earlier, requestId, labelId }))
        fail(`Label ${labelId} was relabeled for ${earlier}, and again for ${requestId} without a reason.`);
    }
}

function requestOf({ key }: LedgerCall): string {
  return key.split('/')[0] ?? '';
}

/**
 * A plan of which labels were sent is continued unchanged, even if another export has sent some of its labels
 * meanwhile: docs/decisions/013-nothing-is-superseded-unseen.md.
 */
function isContinued(facts: Facts, requestId: string, before: LedgerCall): boolean {
  return facts.callsOf(requestId).some(({ at }) => at < before.at);
}

function mayBeSentAgain(
  facts: Facts,
  reports: readonly StoredReport[],
  { earlier, requestId, labelId }: { earlier: string; requestId: string; labelId: string },
): boolean {
  const plan = facts.plans.get(requestId)?.at(-1);
  const before = facts.plans.get(earlier)?.at(-1);
  if (!plan || !before || plan.force || (plan.summary.warnings ?? []).length > 0) return true;
  if (facts.hasLostReceipts(folderOf(before.key)) || facts.isDamaged(folderOf(before.key))) return true;
  const report = reports.find((other) => other.requestId === earlier);
  const label = report?.labels.find((other) => other.labelId === labelId);
  return label === undefined ? !report && isUnreported(facts, before) : label.outcome === 'unconfirmed';
}

/** A request that is waiting or was dropped has no report that could say so. */
function isUnreported(facts: Facts, plan: StoredPlan): boolean {
  return facts.world.disk.files.has(`${facts.folderOfIssue(plan.issueId)}dropped/${plan.requestId}.json`);
}
