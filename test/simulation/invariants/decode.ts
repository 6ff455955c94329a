import { defaultPayloadConverter } from '@temporalio/common';
import type { Task } from '../temporal/history';

export function decode(payloads: unknown): unknown[] {
  return ((payloads ?? []) as never[]).map((payload) => defaultPayloadConverter.fromPayload(payload));
}

/** The signals of a task, in order, with their first argument. */
export function signalsOf(task: Task): { readonly name: string; readonly argument: unknown }[] {
  return task.jobs.flatMap(({ signalWorkflow }) =>
    signalWorkflow
      ? [{ name: signalWorkflow.signalName ?? '', argument: decode(signalWorkflow.input)[0] }]
      : [],
  );
}
