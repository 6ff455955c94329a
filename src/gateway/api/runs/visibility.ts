import { defined } from '../../../collections/defined';
import type { Client } from '@temporalio/client';
import { workflowType } from '../../../temporal/names';
import { grpcStatus, GrpcStatus } from '../../../temporal/grpc';
import { askTemporal } from './ask-temporal';
import { badPage, temporalRefusal } from './temporal-refusal';

/** A run as visibility reports it. */
export interface VisibleRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's name for the status: `RUNNING`, `PAUSED`, `COMPLETED`, `TERMINATED`, … */
  readonly status: string;
  readonly startedAt: string;
  /** Absent while the run is open. */
  readonly endedAt?: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** The complete id, even if the search attribute is truncated. */
  readonly issueId: string;
}

export interface VisiblePage {
  readonly runs: readonly VisibleRun[];
  /** base64url; absent on the last page. */
  readonly next?: string;
}

const statusNames = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

/**
 * Reads one page of Temporal's list, in Temporal's order.
 * @throws {Refusal} 503 when Temporal does not answer; 400 when it rejects the page token.
 */
export async function listRuns(
  client: Client,
  query: string,
  pageSize: number,
  page: string | undefined,
): Promise<VisiblePage> {
  const { namespace } = client.options;
  const nextPageToken = page === undefined ? undefined : Buffer.from(page, 'base64url');
  try {
    const answer = await askTemporal(client, () =>
      client.workflowService.listWorkflowExecutions({
        namespace,
        query,
        pageSize,
        ...defined({ nextPageToken }),
      }),
    );
    const token = answer.nextPageToken;
    const runs = answer.executions.map(toVisibleRun);
    return token && token.length > 0 ? { runs, next: Buffer.from(token).toString('base64url') } : { runs };
  } catch (error) {
    // Temporal reports a bad page token as a database error.
    throw page !== undefined && grpcStatus(error) === GrpcStatus.UNKNOWN ? badPage() : temporalRefusal(error);
  }
}

/**
 * Builds a visibility query for `ExportIssue` runs, except those that continued as new.
 * @param conditions in visibility's query language; all of them must be true.
 */
export function exportQuery(conditions: readonly string[]): string {
  return [`WorkflowType = '${workflowType}'`, "ExecutionStatus != 'ContinuedAsNew'", ...conditions].join(
    ' AND ',
  );
}

/** Quotes a string for visibility's query language. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

type Execution = Awaited<
  ReturnType<Client['workflowService']['listWorkflowExecutions']>
>['executions'][number];

function toVisibleRun({
  execution,
  status,
  startTime,
  closeTime,
  searchAttributes,
  memo,
}: Execution): VisibleRun {
  const attributes = Object.fromEntries(
    Object.entries(searchAttributes?.indexedFields ?? {}).map(([name, payload]) => [
      name,
      decodePayload(payload),
    ]),
  );
  const workflowId = execution?.workflowId ?? '';
  const issueId = memo?.fields?.['issueId'];
  return {
    workflowId,
    runId: execution?.runId ?? '',
    status: statusNames[status ?? 0] ?? String(status),
    startedAt: toIsoDate(startTime) ?? '',
    ...defined({ endedAt: closeTime ? (toIsoDate(closeTime) ?? '') : undefined }),
    attributes,
    issueId: issueId
      ? String(decodePayload(issueId))
      : String(attributes['AquariumIssueId'] ?? workflowId.replace(/^export-issue-/, '')),
  };
}

function decodePayload({ data }: { data?: Uint8Array | null }): string | number {
  try {
    const value = JSON.parse(Buffer.from(data ?? []).toString('utf8')) as unknown;
    return typeof value === 'number' ? value : String(value);
  } catch {
    return '';
  }
}

function toIsoDate(
  time: { seconds?: unknown; nanos?: number | null } | null | undefined,
): string | undefined {
  return time
    ? new Date(Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1e6)).toISOString()
    : undefined;
}
