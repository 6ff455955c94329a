import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { earlierWorkflowId, exportWorkflowId } from '../../temporal/names';
import { isOpenRun } from '../../temporal/open-run';
import { defined } from '../../collections/defined';
import { withDeadline } from '../../temporal/grpc';

/**
 * The status of the run that a request was dispatched to or, if other runs continued it, of the last of them.
 */
export type WorkflowStatus =
  /** It is open. Temporal itself may have paused it. */
  | { readonly kind: 'running'; readonly runId: string }
  /** Temporal's database was lost, or the retention period is over. */
  | { readonly kind: 'not-found' }
  /** A person terminated it. */
  | { readonly kind: 'terminated' }
  | { readonly kind: 'closed'; readonly status: string };

/** Maximum runs of one chain to follow, so that a read ends. A longer chain counts as running. */
const maxChainLength = 1000;

/**
 * Reads the status of a run. If the run continued as new or was reset, follows its chain to the last run.
 *
 * @throws when Temporal does not answer.
 */
export async function readWorkflowStatus(
  client: Client,
  issueId: string,
  firstRunId: string,
  deadlineMs: number,
): Promise<WorkflowStatus> {
  const status = await readStatus({ client, workflowId: exportWorkflowId(issueId), deadlineMs }, firstRunId);
  const earlierId = earlierWorkflowId(issueId);
  if (status.kind !== 'not-found' || earlierId === undefined) return status;
  return readStatus({ client, workflowId: earlierId, deadlineMs }, firstRunId);
}

async function readStatus(target: Target, firstRunId: string): Promise<WorkflowStatus> {
  let runId = firstRunId;
  for (let followed = 0; followed < maxChainLength; followed += 1) {
    const run = await describeRun(target, runId);
    if (!run) return { kind: 'not-found' };
    if (isOpenRun(run)) return { kind: 'running', runId };
    const next =
      run.status === 'CONTINUED_AS_NEW'
        ? await findContinuation(target, runId)
        : await findResetRun(target, run);
    if (!next)
      return run.status === 'TERMINATED' ? { kind: 'terminated' } : { kind: 'closed', status: run.status };
    runId = next;
  }
  return { kind: 'running', runId };
}

/**
 * Whether a run of the issue's workflow is open.
 *
 * @throws when Temporal does not answer, or refuses the call.
 */
export async function hasOpenRun(client: Client, issueId: string, deadlineMs: number): Promise<boolean> {
  const latest = await describeRun({ client, workflowId: exportWorkflowId(issueId), deadlineMs });
  return latest !== undefined && isOpenRun(latest);
}

interface Target {
  readonly client: Client;
  readonly workflowId: string;
  readonly deadlineMs: number;
}

interface DescribedRun {
  readonly runId: string;
  readonly status: string;
  readonly endedAt?: string;
  /** Id of the chain's first run. It stays the same after continue-as-new and after a reset. */
  readonly chain: string | undefined;
}

/**
 * Describes a run, or without `runId` the latest run of the workflow.
 *
 * @returns undefined when Temporal has no such run.
 */
async function describeRun(
  { client, workflowId, deadlineMs }: Target,
  runId?: string,
): Promise<DescribedRun | undefined> {
  try {
    const description = await withDeadline(
      client,
      () => client.workflow.getHandle(workflowId, runId).describe(),
      deadlineMs,
    );
    return {
      runId: description.runId,
      status: description.status.name,
      ...defined({ endedAt: description.closeTime?.toISOString() }),
      chain: description.raw.workflowExecutionInfo?.firstRunId ?? undefined,
    };
  } catch (error) {
    // a missing namespace throws: if it comes back, its runs may too
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Finds the run that continues this one. The last event of this run's history contains its id. */
async function findContinuation(
  { client, workflowId, deadlineMs }: Target,
  runId: string,
): Promise<string | undefined> {
  const execution = { workflowId, runId };
  const { namespace } = client.options;
  const lastEvent = () =>
    client.workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution, maximumPageSize: 1 });
  const { history } = await withDeadline(client, lastEvent, deadlineMs);
  return history?.events?.[0]?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
}

/**
 * Finds the run that a reset started. A reset terminates a run and starts another of the same chain. A run
 * that was terminated in this way does not mean that a person ended the request.
 */
async function findResetRun(target: Target, run: DescribedRun): Promise<string | undefined> {
  const latest = await describeRun(target);
  return latest && latest.runId !== run.runId && latest.chain !== undefined && latest.chain === run.chain
    ? latest.runId
    : undefined;
}
