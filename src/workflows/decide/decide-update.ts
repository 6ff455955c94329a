import { defined } from '../../collections/defined';
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import {
  type InvalidDecision,
  parseDecisionStrictly,
  type StrictDecision,
} from '../../decisions/parse-decision';
import { type Decision, isAbout } from '../../domain/decision';
import { checkDecision } from '../steps/activity-options';
import { decideRevision, nothingIsSent, onlyWithToken, describeDecision as wordsOf } from './decide';
import type { DecideArgs, DecideResult } from '../messages';
import type { Run } from '../state/run';
import { reasonForActivity } from './reason-for-activity';

/**
 * Refuses what the update `decide` cannot do, before it enters the history. Strict where signals are lenient: whoever calls an
 * update reads the answer. @throws {ApplicationFailure} with one sentence; never retryable.
 */
export function checkDecide(run: Run, given: unknown): void {
  const args = parseArguments(given);
  const { revision, record } = args;
  const { current } = run;
  const isCurrent = current !== undefined && isAbout(revision, current.request.sha256);
  if (isCurrent && current.plan.asking.signals === 'ignore' && record === undefined)
    refuse('NeedsToken', `Refused: ${onlyWithToken}.`);
  checkState(run, args);
}

/** Uses a decision that passed the check, once the gateway's record of it is found. */
export async function decideByUpdate(run: Run, given: DecideArgs): Promise<DecideResult> {
  const args = parseArguments(given);
  const { record, revision } = args;
  const proven = record !== undefined && (await requireProof(run, { ...args, record }));
  checkState(run, args); // the world may have moved on meanwhile
  const shown = revision.slice(0, 12);
  const { current } = run;
  const decision: Decision = {
    kind: args.decision,
    revision,
    by: args.by,
    through: 'update',
    ...(proven ? { proven } : {}),
    ...defined({ reason: args.reason, upTo: args.upTo }),
  };
  const isDone =
    args.upTo !== undefined &&
    current &&
    isAbout(revision, current.request.sha256) &&
    args.upTo <= current.approvedUpTo;
  if (isDone) {
    run.addLogEntry(
      `${wordsOf(decision)} decided nothing: labels 1 to ${current.approvedUpTo} are approved already.`,
    );
    return {
      result: 'done',
      revision: shown,
      message: `Labels 1 to ${current.approvedUpTo} are approved already.`,
    };
  }
  const unused = decideRevision(run, decision, revision);
  run.showDetails();
  if (unused) refuse('NotUsed', `The decision decides nothing: ${unused}.`);
  return run.verdict === decision
    ? { result: 'answered', revision: shown, message: `The question about revision ${shown} is answered.` }
    : {
        result: 'early',
        revision: shown,
        message: `The decision is kept for the next question about revision ${shown}.`,
      };
}

async function requireProof(
  run: Run,
  { record, decision, revision, by, reason, upTo }: Named & { readonly record: string },
): Promise<true> {
  const wanted = {
    issueId: run.issueId,
    record,
    decision,
    revision,
    by,
    ...defined({ reason: reason === undefined ? undefined : reasonForActivity(run.issueId, reason), upTo }),
  };
  const found = await CancellationScope.nonCancellable(() => checkDecision(wanted));
  if (found !== true)
    refuse(
      'NotProven',
      'The payload store has no unused record of this decision: only the gateway, after it has seen a token, may name one.',
    );
  return true;
}

/** What the decision is about must be here, and open. */
function checkState(run: Run, { decision, revision, upTo }: Named): void {
  const { current, taken } = run;
  if (current && !run.ending && isAbout(revision, current.request.sha256)) {
    const { labels } = current.plan;
    if (run.cancelled) refuse('Cancelled', 'The export is being cancelled.');
    if (upTo !== undefined && upTo > labels)
      refuse(
        'WrongUpTo',
        `Expected upTo to be a whole number from 1 to the plan’s ${labels} labels, got ${upTo}.`,
      );
    if (upTo !== undefined && upTo <= current.approvedUpTo) return;
    if (run.verdict)
      refuse('AlreadyDecided', `The question about revision ${revision.slice(0, 12)} is answered already.`);
    if (current.approvedUpTo >= labels && !(decision === 'reject' && nothingIsSent(run)))
      refuse(
        'AlreadyDecided',
        decision === 'reject'
          ? 'All labels are approved; cancel stops them.'
          : 'All labels are approved already.',
      );
    return;
  }
  if (taken && isAbout(revision, taken.sha256)) return;
  if (run.queue.some(({ request }) => isAbout(revision, request.sha256))) return;
  const now =
    (run.ending ? undefined : current?.request.revision) ?? taken?.revision ?? run.queue[0]?.request.revision;
  if (now === undefined)
    refuse(
      'NothingAsked',
      `Nothing is being exported now; the decision names revision ${revision.slice(0, 12)}.`,
    );
  refuse(
    'WrongRevision',
    `The export is at revision ${now}, and the decision names revision ${revision.slice(0, 12)}.`,
  );
}

/** A strict decision of an update: it names its sender. */
type Named = StrictDecision & { readonly by: string };

function parseArguments(given: unknown): Named {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse('InvalidDecision', 'Expected an object {"decision":"approve"|"reject","revision":"…","by":"…"}.');
  const parsed = parseDecisionStrictly(given as Record<string, unknown>, 'update');
  if (parsed.kind === 'invalid') refuseField(parsed);
  return parsed as Named;
}

function refuseField({ field, sentence }: InvalidDecision): never {
  refuse(
    field === 'upTo' ? 'WrongUpTo' : 'InvalidDecision',
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
  );
}

/** Never retryable: the CLI would else print "retryable: true" behind the sentence. */
function refuse(type: string, sentence: string): never {
  throw ApplicationFailure.nonRetryable(sentence, type);
}
