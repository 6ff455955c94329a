import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import type { ExportRequest } from '../../../src/domain/request';
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherDeps,
} from '../../../src/gateway/dispatch/dispatcher';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import {
  type InboxEntry,
  putInboxEntry,
  readInboxEntry,
  updateDispatchState,
} from '../../../src/payloads/inbox-entry';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { connectClient } from '../../../src/temporal/connection';
import { exportWorkflowId } from '../../../src/temporal/names';
import { aRequest } from '../../support/requests';
import { until } from '../../support/until';

/** Short intervals and delays, in ms. */
export const shortTimes = {
  sweepMs: 100,
  pingMs: 50,
  backOffMs: 10,
  maxBackOffMs: 50,
  refusedMs: 10,
  deadlineMs: 20_000,
};

/** A store with an inbox, and dispatchers on it. */
export interface DispatcherHarness {
  readonly folder: string;
  readonly store: PayloadStore;
  readonly log: Record<string, unknown>[];
  dispatcher(deps: Partial<DispatcherDeps> & { address: string }): Dispatcher;
  /** Puts an entry into the inbox. */
  entry(fields?: Parameters<typeof aRequest>[0], handOver?: InboxEntry['handOver']): Promise<ExportRequest>;
  read(request: ExportRequest): Promise<InboxEntry | undefined>;
  /** Waits for the run id in the request's entry. */
  untilRunId(request: ExportRequest): Promise<string>;
  /** Waits for the entry to be held. @returns the reason. */
  held(request: ExportRequest): Promise<string>;
  /** Changes the entry as another gateway or an operator does. */
  hold(request: ExportRequest, held: string): Promise<void>;
  markDispatched(request: ExportRequest, runId: string): Promise<void>;
  release(request: ExportRequest): Promise<void>;
  close(): Promise<void>;
}

export function createDispatcherHarness(parent: string): DispatcherHarness {
  const folder = mkdtempSync(join(parent, 'store-'));
  const store = createFolderStore({ folder });
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'info' },
    { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const opened: Dispatcher[] = [];
  const change = async (request: ExportRequest, handOver: InboxEntry['handOver']) =>
    void (await updateDispatchState(store, { request, handOver }));
  const harness: DispatcherHarness = {
    folder,
    store,
    log,
    dispatcher({ address, ...deps }) {
      const { client } = connectClient({ address, env: {} });
      const dispatcher = createDispatcher({
        store,
        client,
        logger,
        ensureAttributes: async () => undefined,
        times: shortTimes,
        ...deps,
      });
      opened.push(dispatcher);
      return dispatcher;
    },
    async entry(fields = {}, handOver = {}) {
      const request = aRequest(fields);
      await putInboxEntry(store, request);
      await updateDispatchState(store, { request, handOver });
      return request;
    },
    read: (request) => readInboxEntry(store, request.requestId),
    untilRunId: (request) =>
      until('a run id in the entry', async () => (await harness.read(request))?.handOver.runId),
    held: (request) =>
      until('the entry to be held', async () => (await harness.read(request))?.handOver.held),
    hold: (request, held) => change(request, { held }),
    markDispatched: (request, runId) => change(request, { runId }),
    release: (request) => change(request, {}),
    async close() {
      for (const dispatcher of opened) await dispatcher.close();
    },
  };
  return harness;
}

/** The request ids in the signals of a run, in order. */
export async function signalledTo(client: Client, issueId: string, runId?: string): Promise<string[]> {
  const { events } = await client.workflow.getHandle(exportWorkflowId(issueId), runId).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const data = signal?.input?.payloads?.[0]?.data;
    return data ? [(JSON.parse(Buffer.from(data).toString('utf8')) as ExportRequest).requestId] : [];
  });
}

type Ending = 'complete' | 'fail' | 'continue' | 'nothing';

/** Ends the open run of an issue as its workflow would, without workflow code. */
export async function endRun(
  { connection }: TestWorkflowEnvironment,
  issueId: string,
  ending: Ending,
): Promise<void> {
  const { workflowService } = connection as Connection;
  const namespace = 'default';
  const taskQueue = { name: 'requeue' };
  const workflowId = exportWorkflowId(issueId);
  for (;;) {
    const poll = () => workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity: 'test' });
    const { taskToken, workflowExecution } = await connection.withDeadline(Date.now() + 30_000, poll);
    const isOurs = workflowExecution?.workflowId === workflowId;
    await workflowService.respondWorkflowTaskCompleted({
      namespace,
      identity: 'test',
      taskToken,
      commands: isOurs ? commandsFor(ending) : [],
    });
    if (isOurs) return;
  }
}

function commandsFor(ending: Ending) {
  if (ending === 'nothing') return [];
  if (ending === 'complete') return [{ commandType: 4, completeWorkflowExecutionCommandAttributes: {} }];
  if (ending === 'fail')
    return [{ commandType: 5, failWorkflowExecutionCommandAttributes: { failure: { message: 'A fault.' } } }];
  const next = { workflowType: { name: 'ExportIssue' }, taskQueue: { name: 'requeue' } };
  return [{ commandType: 10, continueAsNewWorkflowExecutionCommandAttributes: next }];
}

/** Resets a run to its first task, as an operator does in the Web UI. @returns the id of the new run. */
export async function resetRun(
  { connection }: TestWorkflowEnvironment,
  { issueId, runId }: { issueId: string; runId: string },
): Promise<string> {
  const reset: object = {
    namespace: 'default',
    workflowExecution: { workflowId: exportWorkflowId(issueId), runId },
    reason: 'again',
    requestId: runId,
    workflowTaskFinishEventId: 4, // of the first task: started, signalled, scheduled, started
  };
  const { runId: newRunId } = await (connection as Connection).workflowService.resetWorkflowExecution(reset);
  return newRunId;
}

/** Makes an entry's file unreadable. @returns a function that restores it. */
export function breakEntry(folder: string, { requestId }: ExportRequest): () => void {
  const path = join(folder, 'inbox', `${requestId}.json`);
  const whole = readFileSync(path);
  writeFileSync(path, 'torn');
  return () => writeFileSync(path, whole);
}
