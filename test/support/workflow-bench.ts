import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { ExportRequest } from '../../src/domain/request';
import type { ExportIssue } from '../../src/workflows/export-issue';
import { exportRequestedSignal, type Progress, progressQuery } from '../../src/workflows/messages';
import { ScriptedActivities } from './scripted-activities';
import { workflowBundle } from './temporal';
import { until } from './until';

/** A worker of one test with its own task queue and scripted activities. */
export interface Bench {
  readonly activities: ScriptedActivities;
  readonly workflowId: string;
  /** Hands a request over, as the starter does. */
  request(request: ExportRequest): Promise<WorkflowHandleWithSignaledRunId<typeof ExportIssue>>;
  progress(): Promise<Progress>;
  untilStage(stage: string): Promise<Progress>;
}

/** Runs `test` with a worker; the worker is stopped afterwards, whatever happens. */
export async function withBench(
  env: TestWorkflowEnvironment,
  test: (bench: Bench) => Promise<void>,
  bundle: WorkflowBundleOption = workflowBundle(),
): Promise<void> {
  const taskQueue = `test-${randomUUID()}`;
  const activities = new ScriptedActivities(taskQueue);
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: bundle,
    activities: {
      prepareExport: activities.prepareExport,
      relabelChunk: activities.relabelChunk,
      writeReport: activities.writeReport,
      notify: activities.notify,
      noteNotice: activities.noteNotice,
      checkDecision: activities.checkDecision,
    },
    stickyQueueScheduleToStartTimeout: '1s',
  });
  const workflowId = `export-issue-${randomUUID()}`;
  const handle = env.client.workflow.getHandle<typeof ExportIssue>(workflowId);
  const progress = () => handle.query(progressQuery);
  await worker.runUntil(
    test({
      activities,
      workflowId,
      request: (request) =>
        env.client.workflow.signalWithStart('ExportIssue', {
          workflowId,
          taskQueue,
          args: [{ issueId: request.issueId }],
          signal: exportRequestedSignal,
          signalArgs: [request],
        }) as Promise<WorkflowHandleWithSignaledRunId<typeof ExportIssue>>,
      progress,
      untilStage: (stage) =>
        until(`stage ${stage}`, async () => {
          const seen = await progress();
          return seen.stage === stage && seen;
        }),
    }),
  );
}
