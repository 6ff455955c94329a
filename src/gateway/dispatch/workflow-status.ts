import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { exportWorkflowId } from '../../temporal/names';
import { withDeadline } from '../../temporal/grpc';

/** What became of the run that took a request, and of those that continued it. */
export type WorkflowStatus =
  | { readonly kind: 'running'; readonly runId: string }
  /** A lost database, or past retention. */
  | { readonly kind: 'not-found' }
  /** By a person. */
  | { readonly kind: 'terminated' }
  | { readonly kind: 'closed'; readonly status: string };

/** Runs of one chain that are followed in one look. */
const maxChainLength = 1000;

/** Describes a run; one that continued as new, or was reset, is followed to the last of its chain. @throws when Temporal cannot be asked. */
export async function readWorkflowStatus(
  client: Client,
  issueId: string,
  firstRunId: string,
  deadlineMs: number,
): Promise<WorkflowStatus> {
  const ask: Ask = { client, workflowId: exportWorkflowId(issueId), deadlineMs };
  let runId = firstRunId;
  for (let followed = 0; followed < maxChainLength; followed += 1) {
    const run = await describe(ask, runId);
    if (!run) return { kind: 'not-found' };
    if (run.status === 'RUNNING') return { kind: 'running', runId };
    const next =
      run.status === 'CONTINUED_AS_NEW' ? await findContinuation(ask, runId) : await findResetRun(ask, run);
    if (!next)
      return run.status === 'TERMINATED' ? { kind: 'terminated' } : { kind: 'closed', status: run.status };
    runId = next;
  }
  return { kind: 'running', runId };
}

interface Ask {
  readonly client: Client;
  readonly workflowId: string;
  readonly deadlineMs: number;
}

interface Run {
  readonly runId: string;
  readonly status: string;
  /** The first run of its chain: the same after continue-as-new and after a reset. */
  readonly chain: string | undefined;
}

/** A run, or without `runId` the workflow's latest; undefined when Temporal has none. */
async function describe({ client, workflowId, deadlineMs }: Ask, runId?: string): Promise<Run | undefined> {
  try {
    const seen = await withDeadline(
      client,
      () => client.workflow.getHandle(workflowId, runId).describe(),
      deadlineMs,
    );
    return {
      runId: seen.runId,
      status: seen.status.name,
      chain: seen.raw.workflowExecutionInfo?.firstRunId ?? undefined,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined; // a missing namespace is another matter: its runs may come back with it
    throw error;
  }
}

/** The run that continues one: its last event names it. */
async function findContinuation(
  { client, workflowId, deadlineMs }: Ask,
  runId: string,
): Promise<string | undefined> {
  const execution = { workflowId, runId };
  const { namespace } = client.options;
  const lastEvent = () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution, maximumPageSize: 1 });
  const { history } = await withDeadline(client, lastEvent, deadlineMs);
  return history?.events?.[0]?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
}

/** A reset closes a run as terminated, and a new one of the same chain goes on: nobody meant to end the request. */
async function findResetRun(ask: Ask, run: Run): Promise<string | undefined> {
  const latest = await describe(ask);
  return latest && latest.runId !== run.runId && latest.chain !== undefined && latest.chain === run.chain
    ? latest.runId
    : undefined;
}
