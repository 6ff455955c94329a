import { defined } from '../../collections/defined';
import { needsApproval } from '../../domain/route';
import { countChunks } from '../../domain/send-cursor';
import { isOutcome } from '../../domain/stage';
import type { Progress } from '../messages';
import type { CurrentExport, Question } from './carried';
import { currentExport, type IssueState, preparingRequest } from './issue-state';
import { toLabelCounts } from './label-counts';

/** The answer to the query `progress`. */
export function toProgress(state: IssueState): Progress {
  const { latestRequest, stage, pause, stuck } = state;
  const shown = shownExport(state);
  const plan = shown?.plan;
  const hasEnded = isOutcome(stage);
  return {
    issueId: state.issueId,
    issueName: plan?.issueName ?? latestRequest?.issueName ?? '',
    project: plan?.project ?? latestRequest?.project ?? '',
    revision: latestRequest?.revision ?? '',
    ...defined({ attempt: plan?.ref.attempt, plan: plan?.digits }),
    stage,
    destination: plan?.destination ?? '',
    labels: toLabelCounts(shown, currentExport(state) === undefined),
    leftOut: plan?.leftOut ?? {},
    chunks: shown ? countChunks(shown.cursor, state.callsInFlight, shown.plan.labels) : { total: 0, done: 0 },
    approval: {
      needed: plan !== undefined && needsApproval(plan),
      upTo: shown?.approvedUpTo ?? 0,
      ...(shown?.asking ? { ...questionTimes(state, shown.asking), question: state.questionsAsked } : {}),
    },
    ...defined({
      pausedBecause: hasEnded ? undefined : pause?.because,
      pausedBy: hasEnded ? undefined : pause?.by,
      stuck: hasEnded || !stuck ? undefined : { ...stuck, since: new Date(stuck.since).toISOString() },
      outcome: hasEnded ? stage : undefined,
    }),
    queued: countQueued(state),
    log: state.log,
  };
}

/** The current export, or the last ended export until the next request is taken. */
function shownExport(state: IssueState): CurrentExport | undefined {
  const { endedExport, latestRequest } = state;
  const isLatest = endedExport?.request.requestId === latestRequest?.requestId;
  return currentExport(state) ?? (isLatest ? endedExport : undefined);
}

/** While the export is paused, its deadline is suspended: there is no date, only the time that is left. */
function questionTimes(
  { pause }: IssueState,
  { expiresAt, openedAt }: Question,
): Pick<Progress['approval'], 'expiresAt' | 'remainingMs'> {
  if (pause) return { remainingMs: expiresAt - Math.max(pause.since, openedAt) };
  return { expiresAt: new Date(expiresAt).toISOString() };
}

/** A request that is being prepared doesn't wait behind itself. */
function countQueued(state: IssueState): number {
  const preparing = preparingRequest(state);
  return state.queue.filter(({ request }) => request.requestId !== preparing?.requestId).length;
}
