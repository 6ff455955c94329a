import { folderOf, type Facts, type StoredReport } from '../facts';
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
      if (mayBeSentAgain(facts, requestId, earlier)) continue;
      const outcome = outcomeIn(reports, earlier, labelId);
      if (outcome !== 'unconfirmed' && !isDropped(facts, earlier))
        fail(
          `Label ${labelId} was relabeled for ${earlier}, whose report says ${outcome ?? 'nothing'}, and again for ${requestId} without a reason.`,
        );
    }
}

function requestOf({ key }: LedgerCall): string {
  return key.split('/')[0] ?? '';
}

/**
 * A plan of which labels were sent, or may have been, is continued unchanged, even if another export has sent some of
 * its labels meanwhile: docs/decisions/013-nothing-is-superseded-unseen.md.
 */
function isContinued(facts: Facts, requestId: string, before: LedgerCall): boolean {
  const plans = facts.plans.get(requestId) ?? [];
  return plans.some(({ key }) => (facts.firstMarkAt.get(folderOf(key)) ?? Infinity) < before.at);
}

function mayBeSentAgain(facts: Facts, requestId: string, earlier: string): boolean {
  const plan = facts.plans.get(requestId)?.at(-1);
  const before = facts.plans.get(earlier)?.at(-1);
  if (!plan || !before || plan.force || (plan.summary.warnings ?? []).length > 0) return true;
  return facts.isDamaged(folderOf(before.key));
}

function outcomeIn(reports: readonly StoredReport[], requestId: string, labelId: string): string | undefined {
  const report = reports.find((other) => other.requestId === requestId);
  return report?.labels.find((label) => label.labelId === labelId)?.outcome;
}

/** A dropped request has no report that could say so. */
function isDropped(facts: Facts, requestId: string): boolean {
  const plan = facts.plans.get(requestId)?.at(-1);
  return (
    plan !== undefined &&
    facts.world.disk.files.has(`${facts.folderOfIssue(plan.issueId)}dropped/${requestId}.json`)
  );
}
