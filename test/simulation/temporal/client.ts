import { type Client, QueryRejectedError, ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter, WorkflowNotFoundError } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { Machine } from '../machine';
import { readKeyword, searchAttributesOf } from './search-attributes';
import { isOpen, type UpdateResult, type WorkflowRun } from './run';
import { Busy, NotFound, PausedInTemporal, type TemporalServer } from './server';

/** Whether the server can be reached, and from when on. */
export interface Network {
  isTemporalReachable: boolean;
  /** Whether the server refuses starts, or its answers are lost after it has done what was asked. */
  fault?: 'temporal-is-busy' | 'temporal-loses-answers' | 'temporal-lacks-attributes' | undefined;
}

/** Temporal's number of the status. */
const workflowStatusPaused = temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED;

/** In ms. How long a call waits until it knows that no server answers. */
const unreachableMs = 500;

/** The calls that the gateway makes of Temporal's client. */
export function createSimulatedClient(machine: Machine, server: TemporalServer, network: Network): Client {
  const call = <T>(what: string, effect: () => T): Promise<T> => {
    if (!network.isTemporalReachable)
      return machine.io(
        `${what}: unreachable`,
        () => {
          throw serviceError(14, 'No connection established');
        },
        unreachableMs,
      );
    return machine.io(what, () => {
      try {
        const isStart = what.startsWith('signalWithStart');
        if (network.fault === 'temporal-is-busy') throw serviceError(8, 'Workflow is busy.');
        if (network.fault === 'temporal-lacks-attributes' && isStart)
          throw serviceError(3, 'Namespace default has no mapping defined for search attribute ExportStage');
        const result = effect();
        if (network.fault === 'temporal-loses-answers') throw serviceError(4, 'Deadline exceeded');
        return result;
      } catch (error) {
        throw toClientError(error);
      }
    });
  };
  const handle = (workflowId: string, runId?: string) => {
    const find = (): WorkflowRun => {
      const run = runId === undefined ? server.latest(workflowId) : server.find(workflowId, runId);
      if (!run) throw new WorkflowNotFoundError('workflow not found', workflowId, runId);
      return run;
    };
    return {
      workflowId,
      describe: () => call('describe', () => describeRun(find())),
      signal: (definition: { name: string }, ...args: unknown[]) =>
        call(`signal ${definition.name}`, () => server.signal(workflowId, definition.name, args)),
      cancel: () => call('cancel', () => server.requestCancel(workflowId)),
      terminate: () => call('terminate', () => server.terminate(workflowId)),
      query: (definition: { name: string }) =>
        machine.wait(
          new Promise((resolve, reject) => {
            call('query', () =>
              server.query(workflowId, definition.name, (result, error) =>
                error ? reject(toQueryError(error)) : resolve(result),
              ),
            ).catch(reject);
          }),
        ),
      executeUpdate: async (
        definition: { name: string },
        { args, updateId }: { args: readonly unknown[]; updateId: string },
      ) => {
        const result = await machine.wait(
          new Promise<UpdateResult>((resolve, reject) => {
            call(`update ${definition.name}`, () =>
              server.update(workflowId, updateId, definition.name, args, resolve),
            ).catch(reject);
          }),
        );
        if (result.kind === 'completed') return result.value;
        throw new WorkflowUpdateFailedError(
          'Workflow Update failed',
          defaultFailureConverter.failureToError(result.failure as never, defaultPayloadConverter),
        );
      },
    };
  };
  const client = {
    options: { namespace: 'default' },
    connection: { withDeadline: <T>(_: number, work: () => Promise<T>) => work() },
    workflow: {
      getHandle: handle,
      signalWithStart: (
        _: string,
        { workflowId, args, signal, signalArgs }: StartOptions,
      ): Promise<{ signaledRunId: string }> =>
        call(`signalWithStart ${signal.name}`, () => ({
          signaledRunId: server.signalWithStart(workflowId, args, signal.name, signalArgs),
        })),
    },
    workflowService: {
      describeNamespace: () =>
        call('describeNamespace', () => ({ namespaceInfo: { id: server.namespaceId } })),
      listWorkflowExecutions: ({ query }: { query: string }) =>
        call('list runs', () => ({ executions: listExecutions(server, query), nextPageToken: undefined })),
      getWorkflowExecutionHistoryReverse: ({
        execution,
      }: {
        execution: { workflowId: string; runId: string };
      }) =>
        call('last event', () => {
          const newExecutionRunId = server.find(execution.workflowId, execution.runId)?.continuedTo;
          return {
            history: {
              events: [{ workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId } }],
            },
          };
        }),
    },
  };
  return client as unknown as Client;
}

/** Visibility, for the one list that the simulation asks for: the open runs in a stage. */
function listExecutions(server: TemporalServer, query: string): object[] {
  const [, stage] = /ExportStage = '([a-z-]+)'/.exec(query) ?? [];
  return server.openRuns().flatMap((run) => {
    const attributes = searchAttributesOf(run);
    if (readKeyword(attributes, 'ExportStage') !== stage) return [];
    return [
      {
        execution: { workflowId: run.workflowId, runId: run.runId },
        status: 1,
        searchAttributes: { indexedFields: attributes },
      },
    ];
  });
}

interface StartOptions {
  readonly workflowId: string;
  readonly args: readonly unknown[];
  readonly signal: { readonly name: string };
  readonly signalArgs: readonly unknown[];
}

function describeRun(run: WorkflowRun) {
  return {
    runId: run.runId,
    workflowId: run.workflowId,
    status: { name: run.status },
    ...(isOpen(run) ? {} : { closeTime: new Date(run.closedAt ?? 0) }),
    raw: { workflowExecutionInfo: { firstRunId: run.firstRunId }, pendingActivities: [] },
  };
}

function toClientError(error: unknown): unknown {
  if (error instanceof NotFound) return new WorkflowNotFoundError(error.message, '', undefined);
  if (error instanceof PausedInTemporal) return serviceError(9, error.message);
  if (error instanceof Busy) return serviceError(8, error.message);
  return error;
}

/** The client turns the refusal of a query into an error of its own. */
function toQueryError(error: Error): unknown {
  if (error instanceof PausedInTemporal) return new QueryRejectedError(workflowStatusPaused);
  return toClientError(error);
}

function serviceError(code: number, details: string): ServiceError {
  return new ServiceError(details, {
    cause: Object.assign(new Error(details), { code, details, metadata: {} }),
  });
}
