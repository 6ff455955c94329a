import { CancellationScope, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { parseApprove, parseReject } from '../decisions/parse-decision';
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

/** The signals that an operator may send by hand, separated by commas. */
const operatorSignals = [approveSignal, rejectSignal, pauseSignal, resumeSignal]
  .map(({ name }) => name)
  .join(', ');

/** Call this before the first await, so that no signal is missed. No signal handler throws. */
export function listen(input: ExportIssueInput): Run {
  const run = new Run(input);
  setHandler(progressQuery, () => toProgress(run.state), { description: 'Progress of the export' });
  setHandler(exportRequestedSignal, (request) => acceptRequest(run, request), {
    description: 'From the gateway: carry out this request',
  });
  setHandler(approveSignal, (...args) => decide(run, 'approve', parseApprove(args)), {
    description:
      'Answer the open question with yes: {"revision":"…","by":"…","reason":"…","upTo":n}; every key is optional',
  });
  setHandler(rejectSignal, (...args) => decide(run, 'reject', parseReject(args)), {
    description:
      'Answer the open question with no: {"revision":"…","by":"…","reason":"…"}; every key is optional',
  });
  setHandler(pauseSignal, (...args) => pause(run, args), { description: 'Send nothing more until resume' });
  setHandler(resumeSignal, (...args) => resume(run, args), { description: 'Continue after a pause' });
  setHandler(cancellingSignal, (...args) => announceCancel(run, args), {
    description: 'From the gateway: who is about to cancel, and why',
  });
  setHandler(decideUpdate, (args) => decideByUpdate(run, args), {
    validator: (args) => checkDecide(run.state, args),
    description:
      'Answer the open question: {"decision":"approve" or "reject","revision":"…","by":"…","reason":"…","upTo":n}',
  });
  setDefaultSignalHandler((name) => {
    run.addLogEntry(`Signal ${name.slice(0, 60)} is unknown; expected one of ${operatorSignals}.`);
  });
  listenForCancel(run);
  return run;
}

/**
 * Handles cancellation like a signal: the steps run in a non-cancellable scope, and end the current export
 * with a report.
 */
function listenForCancel(run: Run): void {
  CancellationScope.current().cancelRequested.catch(() => {
    run.cancel();
    run.addLogEntry('Cancellation was requested through Temporal.');
  });
}
