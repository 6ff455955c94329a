import { defined } from '../../collections/defined';
import { totalChunks } from '../../domain/send-cursor';
import { needsApproval } from '../../domain/route';
import type { Question } from './carried';
import { isOutcome } from '../../domain/stage';
import type { Progress } from '../messages';
import { toLabelCounts } from './label-counts';
import type { RunState } from './issue-state';

/** The answer to the query `progress`. */
export function toProgress(run: RunState): Progress {
  const shown = run.current?.request ?? run.taken ?? run.shown;
  const current = run.current ?? (run.last?.request === shown ? run.last : undefined);
  const plan = current?.plan;
  return {
    issueId: run.issueId,
    issueName: plan?.issueName ?? shown?.issueName ?? '',
    project: plan?.project ?? shown?.project ?? '',
    revision: shown?.revision ?? '',
    ...defined({ attempt: plan ? plan.ref.attempt : undefined }),
    stage: run.stage,
    destination: plan?.destination ?? '',
    labels: toLabelCounts(current, run.current === undefined),
    leftOut: plan?.leftOut ?? {},
    chunks: {
      total: current ? totalChunks(current.cursor, run.inFlight, current.plan.labels) : 0,
      done: current?.cursor.done ?? 0,
    },
    approval: {
      needed: plan !== undefined && needsApproval(plan),
      upTo: current?.approvedUpTo ?? 0,
      ...(current?.asking ? { ...questionTimes(run, current.asking), question: run.questionsAsked } : {}),
    },
    ...defined({
      pausedBecause: run.pause && !isOutcome(run.stage) ? run.pause.because : undefined,
      pausedBy: run.pause && !isOutcome(run.stage) ? run.pause.by : undefined,
      outcome: isOutcome(run.stage) ? run.stage : undefined,
    }),
    queued: run.queue.filter(({ request }) => request.requestId !== run.taken?.requestId).length,
    log: run.log,
  };
}

/** While it is paused the deadline stands still: there is no date, only what is left. */
function questionTimes(
  { pause }: RunState,
  { expiresAt, openedAt }: Question,
): Pick<Progress['approval'], 'expiresAt' | 'remainingMs'> {
  if (pause) return { remainingMs: expiresAt - Math.max(pause.since, openedAt) };
  return { expiresAt: new Date(expiresAt).toISOString() };
}
