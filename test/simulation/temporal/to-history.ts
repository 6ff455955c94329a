import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import type { Command, Job, Task } from './history';
import type { WorkflowRun } from './run';

type Event = temporal.api.history.v1.IHistoryEvent;
type Kind = keyof typeof temporal.api.enums.v1.EventType;

/** Flags of Temporal's core, as its worker writes them into the first completed task of a run. */
const coreUsedFlags = [1, 2, 3];

/**
 * The history of a run of the stand-in, as the real server would have written it. An activity's start is written just
 * before its end, because the server does so, too: before that only its scheduling is in the history.
 */
export function toHistory(run: WorkflowRun): temporal.api.history.v1.History {
  const writer = new HistoryWriter(run);
  for (const task of run.tasks) writer.addTask(task);
  return temporal.api.history.v1.History.fromObject({ events: writer.events });
}

class HistoryWriter {
  readonly events: Event[] = [];
  /** Event ids of what the run began, by its number. */
  private readonly activities = new Map<number, number>();
  private readonly timers = new Map<number, number>();
  /** By update id. */
  private readonly acceptedUpdates = new Map<string, number>();
  private readonly requestedUpdates = new Map<string, Job>();
  private at: number;

  constructor(private readonly run: WorkflowRun) {
    this.at = run.startedAt;
  }

  addTask(task: Task): void {
    this.at = task.startedAt;
    for (const job of task.jobs) this.addJob(job);
    const scheduledEventId = this.add('EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', {
      workflowTaskScheduledEventAttributes: { taskQueue: { name: 'requeue' }, attempt: 1 },
    });
    const startedEventId = this.add('EVENT_TYPE_WORKFLOW_TASK_STARTED', {
      workflowTaskStartedEventAttributes: {
        scheduledEventId: long(scheduledEventId),
        suggestContinueAsNew: task.suggestsContinueAsNew,
      },
    });
    const completedEventId = this.add('EVENT_TYPE_WORKFLOW_TASK_COMPLETED', {
      workflowTaskCompletedEventAttributes: {
        scheduledEventId: long(scheduledEventId),
        startedEventId: long(startedEventId),
        sdkMetadata: { coreUsedFlags, langUsedFlags: [...task.flags] },
      },
    });
    for (const command of task.commands) this.addCommand(command, completedEventId, scheduledEventId);
  }

  private addJob(job: Job): void {
    const { initializeWorkflow, signalWorkflow, fireTimer, resolveActivity, doUpdate } = job;
    if (initializeWorkflow)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', {
        workflowExecutionStartedEventAttributes: {
          workflowType: { name: 'ExportIssue' },
          workflowId: this.run.workflowId,
          taskQueue: { name: 'requeue' },
          input: { payloads: initializeWorkflow.arguments ?? [] },
          originalExecutionRunId: this.run.runId,
          firstExecutionRunId: this.run.firstRunId,
          workflowTaskTimeout: msToTs(10_000),
          attempt: 1,
        },
      });
    else if (signalWorkflow)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED', {
        workflowExecutionSignaledEventAttributes: {
          signalName: signalWorkflow.signalName ?? '',
          input: { payloads: signalWorkflow.input ?? [] },
        },
      });
    else if (job.cancelWorkflow)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED', {
        workflowExecutionCancelRequestedEventAttributes: {},
      });
    else if (fireTimer)
      this.add('EVENT_TYPE_TIMER_FIRED', {
        timerFiredEventAttributes: {
          timerId: String(fireTimer.seq),
          startedEventId: long(this.timers.get(fireTimer.seq ?? 0)),
        },
      });
    else if (resolveActivity) this.endActivity(resolveActivity.seq ?? 0, resolveActivity.result ?? {});
    else if (doUpdate) this.requestedUpdates.set(doUpdate.id ?? '', job); // only its acceptance is written
    else if (job.updateRandomSeed) this.addReset();
    else throw new Error(`A history has no event for ${JSON.stringify(job)}.`);
  }

  /** A reset fails a task that no worker carried out. */
  private addReset(): void {
    const scheduledEventId = long(
      this.add('EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', {
        workflowTaskScheduledEventAttributes: { taskQueue: { name: 'requeue' }, attempt: 1 },
      }),
    );
    const startedEventId = long(
      this.add('EVENT_TYPE_WORKFLOW_TASK_STARTED', {
        workflowTaskStartedEventAttributes: { scheduledEventId },
      }),
    );
    this.add('EVENT_TYPE_WORKFLOW_TASK_FAILED', {
      workflowTaskFailedEventAttributes: {
        scheduledEventId,
        startedEventId,
        cause: temporal.api.enums.v1.WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
        newRunId: this.run.runId,
      },
    });
  }

  private endActivity(
    seq: number,
    { completed, failed, cancelled }: NonNullable<NonNullable<Job['resolveActivity']>['result']>,
  ): void {
    const scheduledEventId = long(this.activities.get(seq));
    const started = (): Long =>
      long(
        this.add('EVENT_TYPE_ACTIVITY_TASK_STARTED', {
          activityTaskStartedEventAttributes: { scheduledEventId, attempt: 1 },
        }),
      );
    if (completed)
      this.add('EVENT_TYPE_ACTIVITY_TASK_COMPLETED', {
        activityTaskCompletedEventAttributes: {
          scheduledEventId,
          startedEventId: started(),
          result: { payloads: completed.result ? [completed.result] : [] },
        },
      });
    if (failed)
      this.add('EVENT_TYPE_ACTIVITY_TASK_FAILED', {
        activityTaskFailedEventAttributes: {
          scheduledEventId,
          startedEventId: started(),
          failure: failed.failure?.cause ?? {},
        },
      });
    if (cancelled)
      this.add('EVENT_TYPE_ACTIVITY_TASK_CANCELED', {
        activityTaskCanceledEventAttributes: { scheduledEventId, startedEventId: started() },
      });
  }

  private addCommand(command: Command, completed: number, scheduledTask: number): void {
    const workflowTaskCompletedEventId = long(completed);
    const {
      scheduleActivity,
      requestCancelActivity,
      startTimer,
      cancelTimer,
      updateResponse,
      completeWorkflowExecution,
      failWorkflowExecution,
      continueAsNewWorkflowExecution,
    } = command;
    if (scheduleActivity) {
      const { seq, activityId, activityType, taskQueue, arguments: args } = scheduleActivity;
      const eventId = this.add('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', {
        activityTaskScheduledEventAttributes: {
          activityId: activityId ?? '',
          activityType: { name: activityType ?? '' },
          taskQueue: { name: taskQueue ?? '' },
          input: { payloads: args ?? [] },
          workflowTaskCompletedEventId,
        },
      });
      this.activities.set(seq ?? 0, eventId);
    } else if (requestCancelActivity)
      this.add('EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED', {
        activityTaskCancelRequestedEventAttributes: {
          scheduledEventId: long(this.activities.get(requestCancelActivity.seq ?? 0)),
          workflowTaskCompletedEventId,
        },
      });
    else if (startTimer) {
      const eventId = this.add('EVENT_TYPE_TIMER_STARTED', {
        timerStartedEventAttributes: {
          timerId: String(startTimer.seq),
          startToFireTimeout: startTimer.startToFireTimeout ?? {},
          workflowTaskCompletedEventId,
        },
      });
      this.timers.set(startTimer.seq ?? 0, eventId);
    } else if (cancelTimer)
      this.add('EVENT_TYPE_TIMER_CANCELED', {
        timerCanceledEventAttributes: {
          timerId: String(cancelTimer.seq),
          startedEventId: long(this.timers.get(cancelTimer.seq ?? 0)),
          workflowTaskCompletedEventId,
        },
      });
    else if (command.upsertWorkflowSearchAttributes)
      this.add('EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', {
        upsertWorkflowSearchAttributesEventAttributes: {
          workflowTaskCompletedEventId,
          searchAttributes: command.upsertWorkflowSearchAttributes.searchAttributes ?? {},
        },
      });
    else if (updateResponse) this.addUpdate(updateResponse, scheduledTask);
    else if (completeWorkflowExecution)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', {
        workflowExecutionCompletedEventAttributes: {
          result: { payloads: completeWorkflowExecution.result ? [completeWorkflowExecution.result] : [] },
          workflowTaskCompletedEventId,
        },
      });
    else if (failWorkflowExecution)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_FAILED', {
        workflowExecutionFailedEventAttributes: {
          failure: failWorkflowExecution.failure ?? {},
          workflowTaskCompletedEventId,
        },
      });
    else if (command.cancelWorkflowExecution)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED', {
        workflowExecutionCanceledEventAttributes: { workflowTaskCompletedEventId },
      });
    else if (continueAsNewWorkflowExecution)
      this.add('EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', {
        workflowExecutionContinuedAsNewEventAttributes: {
          newExecutionRunId: this.run.continuedTo ?? '',
          workflowType: { name: 'ExportIssue' },
          taskQueue: { name: 'requeue' },
          input: { payloads: continueAsNewWorkflowExecution.arguments ?? [] },
          workflowTaskCompletedEventId,
        },
      });
    else throw new Error(`A history has no event for ${JSON.stringify(command)}.`);
  }

  private addUpdate(
    { protocolInstanceId, accepted, completed, rejected }: NonNullable<Command['updateResponse']>,
    scheduledTask: number,
  ): void {
    const updateId = protocolInstanceId ?? '';
    if (accepted) {
      const { name, input } = this.requestedUpdates.get(updateId)?.doUpdate ?? {};
      const eventId = this.add('EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED', {
        workflowExecutionUpdateAcceptedEventAttributes: {
          protocolInstanceId: updateId,
          acceptedRequestMessageId: `${updateId}/request`,
          acceptedRequestSequencingEventId: long(scheduledTask),
          acceptedRequest: {
            meta: { updateId },
            input: { name: name ?? '', args: { payloads: input ?? [] } },
          },
        },
      });
      this.acceptedUpdates.set(updateId, eventId);
      return;
    }
    this.add('EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED', {
      workflowExecutionUpdateCompletedEventAttributes: {
        meta: { updateId },
        acceptedEventId: long(this.acceptedUpdates.get(updateId)),
        outcome: rejected ? { failure: rejected } : { success: { payloads: completed ? [completed] : [] } },
      },
    });
  }

  /** @returns the id of the event. */
  private add(kind: Kind, attributes: Event): number {
    const eventId = this.events.length + 1;
    this.events.push({
      eventId: long(eventId),
      eventTime: msToTs(this.at),
      eventType: temporal.api.enums.v1.EventType[kind],
      ...attributes,
    });
    return eventId;
  }
}

type Long = NonNullable<Event['eventId']>;

function long(value: number | undefined): Long {
  return (value ?? 0) as unknown as Long; // protobufjs takes a number, too
}
