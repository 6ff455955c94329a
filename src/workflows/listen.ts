import { CancellationScope, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { parseApprove, parseReject } from '../decisions/parse-decision';
import { isAbout } from '../domain/decision';
import { enqueue, isCoveredBy, names, newerThan } from '../domain/queue';
import { type ExportRequest, isRequestForIssue } from '../domain/request';
import type { ExportIssueInput, Pause } from './state/carried';
import { decide } from './decide/decide';
import { checkDecide, decideByUpdate } from './decide/decide-update';
import {
  approveSignal,
  cancellingSignal,
  decideUpdate,
  exportRequestedSignal,
  pauseSignal,
  progressQuery,
  rejectSignal,
  resumeSignal,
} from './messages';
import { notifyTargets } from './steps/notices';
import { toProgress } from './state/progress';
import { Run } from './state/run';
import {
  parseSteerSignal,
  logSteering,
  type SteerSignal,
  describeSteeringInFull,
  describeSteering,
} from './decide/steering';

/** The run's knowledge, with every handler set: called before the first await, so no signal is missed. No handler throws. */
export function listen(input: ExportIssueInput): Run {
  const run = new Run(input);
  setHandler(progressQuery, () => toProgress(run), { description: 'Where the export stands' });
  setHandler(exportRequestedSignal, (request) => take(run, request), {
    description: 'From the gateway: carry out this request',
  });
  setHandler(approveSignal, (...args) => decide(run, 'approve', parseApprove(args)), {
    description: 'Approve what is asked: {"revision":"…","by":"…","reason":"…","upTo":n}, or nothing at all',
  });
  setHandler(rejectSignal, (...args) => decide(run, 'reject', parseReject(args)), {
    description: 'Reject what is asked: {"revision":"…","by":"…","reason":"…"}, or nothing at all',
  });
  setHandler(pauseSignal, (...args) => pause(run, args), { description: 'Send nothing more until resume' });
  setHandler(resumeSignal, (...args) => resume(run, args), { description: 'Go on after a pause' });
  setHandler(cancellingSignal, (...args) => announceCancel(run, args), {
    description: 'From the gateway: who cancels, and why',
  });
  setHandler(decideUpdate, (args) => decideByUpdate(run, args), {
    validator: (args) => checkDecide(run, args),
    description:
      'Decide what is asked: {"decision":"approve" or "reject","revision":"…","by":"…","reason":"…","upTo":n}',
  });
  setDefaultSignalHandler((name) => {
    run.addLogEntry(
      `A signal ${name.slice(0, 60)} was not understood; expected approve, reject, pause or resume.`,
    );
  });
  listenForCancel(run);
  return run;
}

function take(run: Run, request: ExportRequest): void {
  if (!isRequestForIssue(run.issueId, request)) {
    run.addLogEntry(
      'A signal exportRequested did not carry a request of this issue; nothing was started for it.',
    );
    return;
  }
  if (isKnown(run, request.requestId)) return;
  bindDecisions(run, request.sha256);
  if (run.current && joinsCurrent(run, request)) {
    run.update({ also: [...run.current.also, request.requestId] });
    return;
  }
  run.queue = enqueue(run.queue, request, run.current?.request);
  run.showDetails();
}

function isKnown(run: Run, requestId: string): boolean {
  const { current } = run;
  return (
    run.recent.includes(requestId) ||
    run.taken?.requestId === requestId ||
    current?.request.requestId === requestId ||
    current?.also.includes(requestId) === true ||
    run.queue.some((queued) => names(queued, requestId))
  );
}

/** The same body again, while it is being carried out and nothing newer was asked for of its project. */
function joinsCurrent({ current, ending, queue }: Run, request: ExportRequest): boolean {
  return (
    current !== undefined &&
    !ending &&
    isCoveredBy(current.request, request) &&
    newerThan(queue, current.request).length === 0
  );
}

/** Decisions that came before their request are bound to its whole sha256. */
function bindDecisions(run: Run, sha256: string): void {
  run.pendingDecisions = run.pendingDecisions.map((kept) =>
    isAbout(kept.revision, sha256) ? { ...kept, revision: sha256 } : kept,
  );
}

/** A person's pause outlasts the service's: mending the key does not resume what a person stopped. */
function pause(run: Run, args: readonly unknown[]): void | Promise<void> {
  const steering = parseSteerSignal(args);
  if (run.pause && run.pause.by !== 'service')
    return noteNoChange(run, 'pause', steering, 'it is paused already');
  if (isIdle(run)) return noteNoChange(run, 'pause', steering, 'nothing is being exported');
  const because = (words: string): string => `An operator paused it${words}.`;
  const mine: Pause = {
    because: because(describeSteering(steering)),
    by: 'person',
    since: run.pause?.since ?? Date.now(),
  };
  run.startPause(mine);
  return logSteering(
    run,
    'pause',
    steering,
    (words) => `Paused by signal${words}.`,
    (known) => {
      if (run.pause !== mine) return; // it was resumed meanwhile
      run.pause = { ...mine, because: because(describeSteering(known)) };
      notifyTargets(run, 'export.paused');
    },
  );
}

function resume(run: Run, args: readonly unknown[]): void | Promise<void> {
  const steering = parseSteerSignal(args);
  if (!run.pause) return noteNoChange(run, 'resume', steering, 'it is not paused');
  if (isForDestination(args[0]) && run.pause.by !== 'service')
    return noteNoChange(run, 'resume', steering, 'a person paused it');
  const { since } = run.pause;
  run.pause = undefined;
  const asking = run.current?.asking;
  if (asking)
    run.update({
      asking: { ...asking, expiresAt: asking.expiresAt + Date.now() - Math.max(since, asking.openedAt) },
    });
  return logSteering(run, 'resume', steering, (words) => `Resumed by signal${words}.`);
}

/** Its record is used up all the same: who reads the record's name in the history must not use it later. */
function noteNoChange(
  run: Run,
  action: 'pause' | 'resume',
  steering: SteerSignal,
  why: string,
): void | Promise<void> {
  const what = action === 'pause' ? 'Pause' : 'Resume';
  return logSteering(run, action, steering, (words) => `${what}${words} changed nothing: ${why}.`);
}

/** `{"waitingFor":"destination"}`: one of many that are resumed because the labeling service was mended. */
function isForDestination(said: unknown): boolean {
  return (
    typeof said === 'object' &&
    said !== null &&
    (said as Record<string, unknown>)['waitingFor'] === 'destination'
  );
}

function announceCancel(run: Run, args: readonly unknown[]): void | Promise<void> {
  return logSteering(
    run,
    'cancel',
    parseSteerSignal(args),
    (words) => `Cancel is asked for${words}.`,
    (known) => {
      run.cancelledBecause = describeSteeringInFull(run.issueId, known);
    },
  );
}

/** Nothing is being exported, and nothing waits: only notices hold the run. */
function isIdle({ current, ending, taken, queue }: Run): boolean {
  return (current === undefined || ending) && taken === undefined && queue.length === 0;
}

/** Cancellation is a message: the story runs in a scope of its own and ends the current export in order. */
function listenForCancel(run: Run): void {
  CancellationScope.current().cancelRequested.catch(() => {
    run.cancel();
    run.addLogEntry('Cancellation was requested.');
  });
}
