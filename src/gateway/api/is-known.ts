import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../../temporal/names';
import { grpcCodeOf } from '../hand-over';
import { askTemporal } from './ask-temporal';
import { temporalRefusal } from './temporal-refusal';

export interface KnownRun {
  readonly runId: string;
  /** As Temporal names it: `RUNNING`, `COMPLETED`, … */
  readonly status: string;
}

/** Whether Temporal knows an export of the issue. While it is away nothing is known: the store's reports are shown. */
export async function isKnown(client: Client, issueId: string): Promise<boolean> {
  try {
    return (await newestRunOf(client, issueId)) !== undefined;
  } catch {
    return false;
  }
}

/** The issue's newest run; undefined when Temporal has none, or none any more. @throws {Refusal} 503 */
export async function newestRunOf(client: Client, issueId: string): Promise<KnownRun | undefined> {
  try {
    const { runId, status } = await askTemporal(client, () => client.workflow.getHandle(workflowIdOf(issueId)).describe());
    return { runId, status: status.name };
  } catch (error) {
    if ((error instanceof Error && error.name === 'WorkflowNotFoundError') || grpcCodeOf(error) === 5) return undefined;
    throw temporalRefusal(error);
  }
}
