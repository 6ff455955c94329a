import { defaultPayloadConverter } from '@temporalio/common';
import type { Task } from './history';
import type { WorkflowRun } from './run';

/** Payloads by the name of the attribute. */
export type SearchAttributes = Readonly<Record<string, unknown>>;

/** The attributes that a run has set. */
export function searchAttributesOf({ tasks }: Pick<WorkflowRun, 'tasks'>): SearchAttributes {
  return Object.assign({}, ...tasks.map(searchAttributesOfTask)) as SearchAttributes;
}

/** The attributes that a task sets. */
export function searchAttributesOfTask({ commands }: Pick<Task, 'commands'>): SearchAttributes {
  const set = commands.map(({ upsertWorkflowSearchAttributes }) => {
    const given = (upsertWorkflowSearchAttributes ?? {}) as { searchAttributes?: Given };
    return given.searchAttributes?.indexedFields ?? given.searchAttributes ?? {};
  });
  return Object.assign({}, ...set) as SearchAttributes;
}

type Given = { readonly indexedFields?: Record<string, unknown> } & Record<string, unknown>;

export function readKeyword(attributes: SearchAttributes, name: string): string | undefined {
  const payload = attributes[name];
  if (payload === undefined || payload === null) return undefined;
  const value: unknown = defaultPayloadConverter.fromPayload(payload as never);
  const [first] = Array.isArray(value) ? (value as unknown[]) : [value];
  return typeof first === 'string' ? first : undefined;
}
