import type { WorkflowRun } from '../temporal/run';
import { decode, signalsOf } from './decode';
import type { Invariant } from './invariant';

export const aPausedExportBeginsNoCall: Invariant = {
  name: 'a-paused-export-begins-no-call',
  promise: 'A run that has heard a pause begins no call until it hears a resume.',
  watch(_facts, fail) {
    /** Requests that a run has heard and not begun to report, by run id. */
    const openRequests = new Map<string, Set<string>>();
    const paused = new Set<string>();
    return {
      onTask(run, task) {
        const open = openRequests.get(run.runId) ?? new Set(continuedRequests(run));
        openRequests.set(run.runId, open);
        for (const { name, argument } of signalsOf(task)) {
          if (name === 'exportRequested') open.add((argument as { requestId: string }).requestId);
          if (name === 'pause' && open.size > 0) paused.add(run.runId); // without an open request it stops nothing
          if (name === 'resume' && !(argument as { waitingFor?: unknown } | undefined)?.waitingFor)
            paused.delete(run.runId);
        }
        for (const { scheduleActivity } of task.commands) {
          if (scheduleActivity?.activityType === 'writeReport')
            for (const id of reportedRequests(decode(scheduleActivity.arguments)[0])) open.delete(id);
          if (scheduleActivity?.activityType === 'relabelChunk' && paused.has(run.runId))
            fail(`Run ${run.runId} began a call although it had heard a pause.`);
        }
      },
    };
  },
};

/** Ids of the requests that a run continues. */
function continuedRequests({ tasks }: WorkflowRun): string[] {
  const [first] = tasks[0]?.jobs ?? [];
  const [input] = decode(first?.initializeWorkflow?.arguments);
  const { queue = [], current } = (input as { carried?: Carried } | undefined)?.carried ?? {};
  return [...queue, ...(current ? [current] : [])].map(({ request }) => request.requestId);
}

/** Ids of the requests that a `writeReport` is about. */
function reportedRequests(input: unknown): string[] {
  const {
    request,
    also = [],
    requestIds = [],
  } = input as {
    request?: { requestId: string };
    also?: string[];
    requestIds?: string[];
  };
  return [...(request ? [request.requestId] : []), ...also, ...requestIds];
}

interface Carried {
  readonly queue?: readonly { readonly request: { readonly requestId: string } }[];
  readonly current?: { readonly request: { readonly requestId: string } };
}
