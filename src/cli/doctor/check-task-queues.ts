import type { TemporalClient } from '../../gateway/start-gateway';
import { labelingTaskQueue, mainTaskQueue } from '../../temporal/names';
import { formatDuration } from '../../text/duration';
import { askTemporal } from './ask-temporal';
import type { Finding } from './finding';
import type { Subject } from './subject';

/** Temporal's `TaskQueueType`. */
const types = { workflows: 1, activities: 2 } as const;

/** A poll lasts a minute at most, and Temporal lists its poller for minutes after it: one not seen for longer than this has ended. */
const freshMs = 90_000;

/** Whether a worker polls each task queue: the main one, for workflows and for activities, and every destination's. */
export async function checkTaskQueues(subject: Subject): Promise<Finding[]> {
  const temporal = subject.temporal();
  const queues: [name: string, of: readonly (keyof typeof types)[]][] = [
    [mainTaskQueue, ['workflows', 'activities']],
    ...subject.config.destinations.map(({ name }): [string, ['activities']] => [
      labelingTaskQueue(name),
      ['activities'],
    ]),
  ];
  return Promise.all(queues.map(([name, of]) => lookAt(temporal, name, of)));
}

async function lookAt(
  temporal: TemporalClient,
  name: string,
  of: readonly (keyof typeof types)[],
): Promise<Finding> {
  const part = `queue ${name}`;
  const seen = await Promise.all(
    of.map(async (kind) => ({ kind, ages: await pollerAges(temporal, name, types[kind]) })),
  );
  const unpolled = seen.filter(({ ages }) => !ages.some((age) => age <= freshMs));
  if (unpolled.length === 0) {
    const fewest = Math.min(...seen.map(({ ages }) => ages.filter((age) => age <= freshMs).length));
    return { part, state: 'well', says: `${fewest === 1 ? 'A worker polls' : `${fewest} workers poll`} it.` };
  }
  const lastMs = Math.min(...unpolled.flatMap(({ ages }) => ages));
  const last = Number.isFinite(lastMs)
    ? `; the last one was seen ${formatDuration(lastMs, 'coarse')} ago`
    : '';
  const what = unpolled.length === of.length ? '' : ` for ${unpolled.map(({ kind }) => kind).join(' and ')}`;
  return { part, state: 'wrong', says: `No worker polls it${what}${last}.`, todo: nextStep(name) };
}

function nextStep(name: string): string {
  const start = 'start one: npx requeue worker (npm run dev has one)';
  return name === mainTaskQueue ? start : `${start}; its configuration must name this destination`;
}

async function pollerAges(temporal: TemporalClient, name: string, taskQueueType: number): Promise<number[]> {
  const { namespace } = temporal;
  const { pollers } = await askTemporal(temporal, (api) =>
    api.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType }),
  );
  return (pollers ?? []).map(({ lastAccessTime }) =>
    Math.max(0, Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000),
  );
}
