import type { Prepared } from '../../activities/contracts';
import type { Queued } from '../../domain/queue';
import { prepareExport } from './activity-options';
import type { Run } from '../state/run';

/** An undecodable payload, or a worker of another version. */
export const unreadablePlan =
  'prepareExport gave an answer that nobody can read: look at the versions of the workers.';

/** Reads the delivery and makes the plan, or finds the one that is there. */
export async function prepare(run: Run, queued: Queued): Promise<Prepared | 'cancelled'> {
  return run.cancellable(() => prepareExport({ request: queued.request }));
}

/** Whether labels of a queued request were sent already, before a database was lost: then nothing supersedes it. */
export async function hasBegun(queued: Queued): Promise<boolean> {
  const seen = await prepareExport({ request: queued.request, onlyLook: true });
  return seen.kind === 'plan' && seen.touchedUpTo > 0;
}

/** The queued request as it is now: repetitions may have joined it meanwhile. */
export function refreshQueued(run: Run, chosen: Queued): Queued {
  const { requestId } = chosen.request;
  return run.queue.find((queued) => queued.request.requestId === requestId) ?? chosen;
}
