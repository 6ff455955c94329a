import type { Client } from '@temporalio/client';
import { randomBytes } from 'node:crypto';
import { putDecisionRecord } from '../../payloads/decision-record';
import { decisionKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { workflowIdOf } from '../../temporal/names';
import { askTemporal } from './ask-temporal';
import { storing } from '../store-failure';
import type { Steered, SteerWish } from './operator-api';
import { openRunOf } from './open-run';
import { temporalRefusal } from './temporal-refusal';
import { exportQuery, listVisible, quoted } from './visibility';

const messages: Readonly<Record<SteerWish['action'], string>> = {
  pause: 'Pause is asked for: calls in flight end, then nothing more is sent until resume.',
  resume: 'Resume is asked for: the first call goes alone.',
  cancel: 'Cancel is asked for: calls in flight end, then the report is written; requests behind it go on.',
};

/** Signals a run that is open; it acts as soon as a worker takes it. @throws {Refusal} 404, 409, 503 */
export async function steerExport(
  deps: { client: Client; store: PayloadStore },
  { issueId, action, by, reason }: SteerWish,
): Promise<Steered> {
  await openRunOf(deps, issueId);
  const words = { by, ...(reason === undefined ? {} : { reason }) }; // a claim, as in every signal: the record below is the proof
  const record = randomBytes(16).toString('hex');
  await storing(putDecisionRecord(deps.store, record, { issueId, decision: action, ...words, at: new Date().toISOString() }));
  const handle = deps.client.workflow.getHandle(workflowIdOf(issueId));
  try {
    await askTemporal(deps.client, () => handle.signal(action === 'cancel' ? 'cancelling' : action, words));
    if (action === 'cancel') await askTemporal(deps.client, () => handle.cancel());
  } catch (error) {
    const refusal = temporalRefusal(error);
    if (refusal.status < 500) await deps.store.remove(decisionKey(issueId, record)); // it did nothing and never will
    throw refusal;
  }
  return { issueId, action, message: messages[action] };
}

/** Exports asked for at once. */
const pageSize = 100;

/** Resumes what waits for a destination; what a person paused stays paused. Answers the issue ids that were signalled. */
export async function resumeDestination(client: Client, { destination, by }: { destination: string; by: string }): Promise<string[]> {
  const query = exportQuery([`ExportDestination = ${quoted(destination)}`, "ExportStage = 'paused'", "ExecutionStatus = 'Running'"]);
  const resumed: string[] = [];
  let page: string | undefined;
  do {
    const { runs, next } = await listVisible(client, query, pageSize, page);
    for (const { workflowId, issueId } of runs) {
      const handle = client.workflow.getHandle(workflowId);
      const words = { waitingFor: 'destination', by };
      const isOpen = await askTemporal(client, () => handle.signal('resume', words)).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false; // it ended just now
          throw temporalRefusal(error);
        },
      );
      if (isOpen) resumed.push(issueId);
    }
    page = next;
  } while (page !== undefined);
  return resumed;
}
