import { CancellationScope, defineSignal, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { parseApprove, parseReject } from '../decisions/parse-decision';
import type { ExportRequest } from '../domain/request';
import { acceptRequest } from './accept-request';
import { decide } from './decide/decide';
import { checkDecide, decideByUpdate } from './decide/decide-update';
import { announceCancel, pause, resume } from './decide/steer';
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
import type { ExportIssueInput } from './state/carried';
import { toProgress } from './state/progress';
import { Run } from './state/run';

interface SignalHandler {
  readonly description: string;
  /** Never throws. */
  handle(run: Run, args: readonly unknown[]): void | Promise<void>;
}

/** By signal name. Look names up with `Object.hasOwn`: a signal can have any name, even `toString`. */
const signalHandlers: Readonly<Record<string, SignalHandler>> = {
  [exportRequestedSignal.name]: {
    description: 'From the gateway: carry out this request',
    handle: (run, [request]) => acceptRequest(run, request as ExportRequest),
  },
  [approveSignal.name]: {
    description:
      'Answer the open question with yes: {"revision":"…","by":"…","reason":"…","upTo":n,"plan":"…"}; every key is optional',
    handle: (run, args) => decide(run, 'approve', parseApprove(args)),
  },
  [rejectSignal.name]: {
    description:
      'Answer the open question with no: {"revision":"…","by":"…","reason":"…"}; every key is optional',
    handle: (run, args) => decide(run, 'reject', parseReject(args)),
  },
  [pauseSignal.name]: { description: 'Send nothing more until resume', handle: pause },
  [resumeSignal.name]: { description: 'Continue after a pause', handle: resume },
  [cancellingSignal.name]: {
    description: 'From the gateway: who is about to cancel, and why',
    handle: announceCancel,
  },
};

/** The signals that an operator may send by hand, separated by commas. */
const operatorSignals = [approveSignal, rejectSignal, pauseSignal, resumeSignal]
  .map(({ name }) => name)
  .join(', ');

/** Call this before the first await, so that no signal is missed. No signal handler throws. */
export function listen(input: ExportIssueInput): Run {
  const run = new Run(input);
  listenForSignals(run);
  setHandler(progressQuery, () => toProgress(run.state), { description: 'Progress of the export' });
  setHandler(decideUpdate, (args) => decideByUpdate(run, args), {
    validator: (...args: readonly unknown[]) => checkDecide(run.state, args),
    description:
      'Answer the open question: {"decision":"approve" or "reject","revision":"…","by":"…","reason":"…","upTo":n,"plan":"…"}',
  });
  listenForCancel(run);
  return run;
}

/**
 * Sets the default handler first, because it receives the signals from before the first workflow task in the
 * order in which they were sent. A named handler would receive all signals of its name first
 * (findings/temporal-early-signals.sh). The named handlers add the descriptions, and receive all later signals.
 */
function listenForSignals(run: Run): void {
  setDefaultSignalHandler((name, ...args) => {
    const handler = Object.hasOwn(signalHandlers, name) ? signalHandlers[name] : undefined;
    if (handler) return handler.handle(run, args);
    run.addLogEntry(`Signal ${name.slice(0, 60)} is unknown; expected one of ${operatorSignals}.`);
  });
  for (const [name, { description, handle }] of Object.entries(signalHandlers))
    setHandler(defineSignal<unknown[]>(name), (...args) => handle(run, args), { description });
}

/**
 * Handles cancellation like a signal: the steps run in a non-cancellable scope, and end the current export
 * with a report.
 */
function listenForCancel(run: Run): void {
  CancellationScope.current().cancelRequested.catch(() => {
    run.cancel();
    if (!run.state.cancelAnnounced) run.addLogEntry('Cancellation was requested through Temporal.');
  });
}
