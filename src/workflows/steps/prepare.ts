import type {
  PlanNeedsPerson,
  Prepared,
  PreparedDuplicate,
  PreparedFailure,
  PreparedPlan,
} from '../../activities/contracts';
import type { Queued } from '../../domain/queue';
import type { Run } from '../state/run';
import { prepareExport } from './activity-options';

export type PrepareResult = PreparedPlan | NotPlanned | PlanNeedsPerson | { readonly kind: 'cancelled' };

/** The request ends without an export. */
export type NotPlanned = PreparedDuplicate | PreparedFailure | { readonly kind: 'unreadable' };

/** Reads the delivery and makes the plan, or finds the plan of an earlier run. */
export async function prepare(run: Run, { request }: Queued): Promise<PrepareResult> {
  const prepared = await run.cancellable(() => prepareExport({ request }));
  if (prepared === 'cancelled') return { kind: 'cancelled' };
  return isReadable(prepared) ? prepared : { kind: 'unreadable' };
}

/** True if labels of the request were sent before Temporal lost its database: nothing supersedes it then. */
export async function hasSentLabels({ request }: Queued): Promise<boolean> {
  const prepared = await prepareExport({ request, onlyLook: true });
  return prepared.kind === 'plan' && prepared.touchedUpTo > 0;
}

/** The queued request in its current state: repeated requests may have joined it in the meantime. */
export function refreshQueued({ state }: Run, queued: Queued): Queued {
  const { requestId } = queued.request;
  return state.queue.find(({ request }) => request.requestId === requestId) ?? queued;
}

/** False for a payload that could not be decoded, and for a result from a worker of another version. */
function isReadable(prepared: Prepared): prepared is Exclude<Prepared, { kind: 'nothing' }> {
  return ['plan', 'duplicate', 'failed', 'needs-person'].includes(prepared.kind);
}
