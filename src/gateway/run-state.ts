import type { Client } from '@temporalio/client';
import { workflowIdOf } from '../temporal/names';
import { grpcCodeOf, within } from './hand-over';

/** What became of the run that took a request, and of those that continued it. */
export type RunState =
  | { readonly kind: 'running'; readonly runId: string }
  /** A lost database, or past retention. */
  | { readonly kind: 'not-found' }
  /** By a person. */
  | { readonly kind: 'terminated' }
  | { readonly kind: 'closed'; readonly status: string };

/** Runs of one chain that are followed in one look. */
const longestChain = 1000;

/** Describes a run; a continued one is followed to the last of its chain. @throws when Temporal cannot be asked. */
export async function runStateOf(client: Client, issueId: string, firstRunId: string): Promise<RunState> {
  const workflowId = workflowIdOf(issueId);
  let runId = firstRunId;
  for (let followed = 0; followed < longestChain; followed += 1) {
    const status = await statusOf(client, workflowId, runId);
    if (status === undefined) return { kind: 'not-found' };
    if (status === 'RUNNING') return { kind: 'running', runId };
    if (status === 'TERMINATED') return { kind: 'terminated' };
    const next = status === 'CONTINUED_AS_NEW' ? await nextRun(client, workflowId, runId) : undefined;
    if (!next) return { kind: 'closed', status };
    runId = next;
  }
  return { kind: 'running', runId };
}

async function statusOf(client: Client, workflowId: string, runId: string): Promise<string | undefined> {
  try {
    return (await within(client, () => client.workflow.getHandle(workflowId, runId).describe())).status.name;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The run that continues one: its last event names it. */
async function nextRun(client: Client, workflowId: string, runId: string): Promise<string | undefined> {
  const { history } = await within(client, () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    }),
  );
  return history?.events?.[0]?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
}

function isNotFound(error: unknown): boolean {
  return (error instanceof Error && error.name === 'WorkflowNotFoundError') || grpcCodeOf(error) === 5;
}
