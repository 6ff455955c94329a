import type { Queued } from '../../domain/queue';
import { byReceivedAt } from '../../domain/request';
import { requireExport } from '../state/issue-state';
import type { Run } from '../state/run';
import { begin, markPlanned, markUnplannable } from './next-export';
import { prepare, refreshQueued } from './prepare';
import { reportEnding } from './report-ending';
import { reportNotPlanned } from './report-queued';
import { supersededBy } from './supersede-older';

/**
 * Prepares a newer request, which supersedes the current export if it gets a plan. If a decision or a cancel
 * arrives in the meantime, it counts for the current export, and the newer request stays in the queue. It also
 * stays if it is the older one by then.
 */
export async function prepareNewer(run: Run, newer: Queued): Promise<'superseded-current' | 'kept-current'> {
  const prepared = await prepare(run, newer);
  const queued = refreshQueued(run, newer);
  switch (prepared.kind) {
    case 'cancelled':
      return 'kept-current';
    case 'plan':
      if (run.state.answer || run.state.cancelled || !isNewerThanCurrent(run, queued)) {
        markPlanned(run, queued, prepared);
        return 'kept-current';
      }
      await reportEnding(run, supersededBy(queued.request));
      await begin(run, refreshQueued(run, queued), prepared);
      return 'superseded-current';
    case 'needs-person': // it waits for its turn, and then for a person
      run.addLogEntry(`Revision ${queued.request.revision} cannot be planned yet: ${prepared.because}`);
      markUnplannable(run, queued);
      return 'kept-current';
    default:
      await reportNotPlanned(run, queued, prepared);
      return 'kept-current';
  }
}

/** A clamped request moves when another one is heard, so it may have become the older one meanwhile. */
function isNewerThanCurrent({ state }: Run, { request }: Queued): boolean {
  return byReceivedAt(request, requireExport(state).request) > 0;
}
