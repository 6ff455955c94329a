import { isGrpcServiceError, type Client, ServiceError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { nameBytes } from '../domain/limits';
import type { ExportRequest } from '../domain/request';
import { cutToBytes } from '../domain/text';
import { mainTaskQueue, workflowIdOf } from '../temporal/names';

/** A call that Temporal does not answer is given up after this; a closing run alone may take 5 s. */
const deadlineMs = 10_000;

/** gRPC codes with which Temporal refuses for good: invalid argument, not found (namespace), permission, unauthenticated. */
const refusedForGood: ReadonlySet<number> = new Set([3, 5, 7, 16]);

/** What came of giving a request to Temporal. */
export type HandedOver =
  | { readonly kind: 'signalled'; readonly runId: string }
  /** Temporal is away or overloaded: try again. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** Temporal answers, and refuses. */
  | { readonly kind: 'refused'; readonly message: string; readonly missingAttribute: boolean };

/** Signals the issue's workflow, starting it when none runs. Doing it twice is harmless. */
export async function handOver(client: Client, request: ExportRequest): Promise<HandedOver> {
  try {
    const handle = await within(client, () =>
      client.workflow.signalWithStart('ExportIssue', {
        workflowId: workflowIdOf(request.issueId),
        taskQueue: mainTaskQueue,
        args: [{ issueId: request.issueId }],
        signal: 'exportRequested',
        signalArgs: [request],
        staticSummary: cutToBytes(`${request.issueName} (${request.project})`, nameBytes),
        typedSearchAttributes: [
          keyword('AquariumIssueId', request.issueId),
          keyword('AquariumIssueName', request.issueName),
          keyword('AquariumProject', request.project),
        ],
      }),
    );
    return { kind: 'signalled', runId: handle.signaledRunId };
  } catch (error) {
    return sort(error);
  }
}

/** Runs `call` with a deadline; the SDK's own overshoots, so a timer races it. */
export async function within<T>(client: Client, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Temporal did not answer within ${deadlineMs / 1000} s.`)), deadlineMs);
  });
  try {
    return await Promise.race([client.connection.withDeadline(Date.now() + deadlineMs, call), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The gRPC status of an error, or undefined when it has none. */
export function grpcCodeOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

function sort(error: unknown): HandedOver {
  const code = grpcCodeOf(error);
  const message = wordsOf(error);
  if (code === undefined || !refusedForGood.has(code) || message.includes('exceeded workflow execution limit'))
    return { kind: 'unreachable', message };
  return { kind: 'refused', message, missingAttribute: /search attribute/i.test(message) };
}

function wordsOf(error: unknown): string {
  const cause = error instanceof ServiceError && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);
}

function keyword(name: string, value: string) {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value: cutToBytes(value, nameBytes) };
}
