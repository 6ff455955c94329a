import type { Facts, StoredReport } from '../facts';
import type { Invariant } from './invariant';

/** Relaxed for an issue with damaged files, and after a reset, which makes people's deeds happen again. */
export const everyOutcomeHasItsReason: Invariant = {
  name: 'every-outcome-has-its-reason',
  promise:
    'A report says why it ended, and why labels were refused, unconfirmed or withheld; a person rejected or cancelled what says so.',
  watch: (facts, fail) => ({
    atEnd() {
      for (const report of facts.readReports()) {
        checkLabels(facts, report, fail);
        if (!facts.isDamaged(facts.folderOfIssue(report.issueId))) checkOutcome(facts, report, fail);
      }
    },
  }),
};

type Fail = (sentence: string) => void;

function checkLabels(facts: Facts, { key, labels }: StoredReport, fail: Fail): void {
  const { labeling } = facts.world;
  for (const { labelId, outcome, reason = '' } of labels) {
    if (outcome === 'relabeled') continue;
    if (reason === '') fail(`Label ${labelId} in ${key} is ${outcome}, and no reason is given.`);
    if (outcome === 'refused' && !labeling.wordsOfRefusal.has(reason))
      fail(`Label ${labelId} in ${key} is refused, and its reason is not the service's: ${reason}`);
  }
}

function checkOutcome(facts: Facts, report: StoredReport, fail: Fail): void {
  const { key, outcome, reason = '', issueId, labels } = report;
  const isDone = (what: 'reject' | 'cancel') =>
    facts.deeds.some((deed) => deed.issueId === issueId && deed.what === what);
  switch (outcome) {
    case 'completed': {
      const problem = labels.find(
        (label) => label.outcome !== 'relabeled' && label.outcome !== 'already-gone',
      );
      if (problem) fail(`${key} is completed, and label ${problem.labelId} is ${problem.outcome}.`);
      return;
    }
    case 'completed-with-problems':
      if (labels.every((label) => label.outcome === 'relabeled' || label.outcome === 'already-gone'))
        fail(`${key} is completed with problems, and no label has one: ${reason}`);
      return;
    case 'superseded':
      return checkSuperseded(facts, report, fail);
    case 'rejected':
      if (!isDone('reject')) fail(`${key} is rejected, and no person rejected it.`);
      return;
    case 'cancelled':
      if (!isDone('cancel')) fail(`${key} is cancelled, and no person cancelled it.`);
      if (reason === '') fail(`${key} is cancelled, and does not say why.`);
      return;
    case 'expired':
      if (facts.world.timeline.now - facts.world.startedAt < facts.world.scenario.expiresAfterMs)
        fail(`${key} is expired before any question could.`);
      return;
    case 'failed':
      if (!isExpectedFailure(facts, report)) fail(`${key} failed: ${reason}`);
      return;
    default:
      fail(`${key} has the outcome ${outcome}.`);
  }
}

function checkSuperseded(facts: Facts, report: StoredReport, fail: Fail): void {
  const { key, reason = '', issueId, project, requestId } = report;
  const revision = /^It was superseded by revision ([0-9a-f]{12})\.$/.exec(reason)?.[1];
  if (revision === undefined) return fail(`${key} is superseded, and does not say by what: ${reason}`);
  const newer = [...facts.requests.values()].some(
    (other) =>
      other.issueId === issueId &&
      other.project === project &&
      other.revision === revision &&
      other.requestId !== requestId,
  );
  if (!newer) fail(`${key} is superseded by revision ${revision}, which no request has in ${project}.`);
}

function isExpectedFailure(facts: Facts, { project, reason = '' }: StoredReport): boolean {
  if (facts.world.scenario.hasDamage && /^Delivery [0-9a-f]{12} /.test(reason)) return true;
  return !facts.world.routedProjects.includes(project) && reason.includes('has no route');
}
