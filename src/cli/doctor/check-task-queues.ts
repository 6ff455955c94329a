import type { TemporalClient } from '../../gateway/start-gateway';
import { labelingTaskQueue, mainTaskQueue } from '../../temporal/names';
import { formatDuration } from '../../text/duration';
import { pluralize } from '../../text/pluralize';
import { askTemporal } from './ask-temporal';
import type { Finding } from './finding';
import type { Subject } from './subject';

/** Temporal's `TaskQueueType`. */
const taskTypes = { workflows: 1, activities: 2 } as const;
type TaskKind = keyof typeof taskTypes;

/**
 * A poller counts up to this age, in ms. A poll takes at most a minute, and Temporal still lists a
 * poller for a while after it has stopped.
 */
const freshMs = 90_000;

/**
 * Checks that a worker polls the main task queue for workflows and activities, and each destination's task
 * queue for activities.
 */
export async function checkTaskQueues(subject: Subject): Promise<Finding[]> {
  const temporal = subject.temporal();
  const taskQueues: [name: string, kinds: readonly TaskKind[]][] = [
    [mainTaskQueue, ['workflows', 'activities']],
    ...subject.config.destinations.map(({ name }): [string, ['activities']] => [
      labelingTaskQueue(name),
      ['activities'],
    ]),
  ];
  return Promise.all(taskQueues.map(([name, kinds]) => checkTaskQueue(temporal, name, kinds)));
}

async function checkTaskQueue(
  temporal: TemporalClient,
  name: string,
  kinds: readonly TaskKind[],
): Promise<Finding> {
  const part = `queue ${name}`;
  const pollers = await Promise.all(
    kinds.map(async (kind) => ({ kind, ages: await pollerAges(temporal, name, kind) })),
  );
  const unpolled = pollers.filter(({ ages }) => !ages.some((age) => age <= freshMs));
  if (unpolled.length === 0) {
    const fewest = Math.min(...pollers.map(({ ages }) => ages.filter((age) => age <= freshMs).length));
    return {
      part,
      state: 'well',
      says: `${pluralize(fewest, 'worker')} ${fewest === 1 ? 'polls' : 'poll'} it.`,
    };
  }
  const lastMs = Math.min(...unpolled.flatMap(({ ages }) => ages));
  const last = Number.isFinite(lastMs) ? `; the last poll was ${formatDuration(lastMs, 'coarse')} ago` : '';
  const tasks =
    unpolled.length === kinds.length ? '' : ` for ${unpolled.map(({ kind }) => kind).join(' and ')}`;
  return { part, state: 'wrong', says: `No worker polls it${tasks}${last}.`, todo: nextStep(name) };
}

function nextStep(name: string): string {
  const start = 'start a worker: npx requeue worker (npm run dev includes one)';
  return name === mainTaskQueue ? start : `${start}; its configuration must contain this destination`;
}

async function pollerAges(temporal: TemporalClient, name: string, kind: TaskKind): Promise<number[]> {
  const { namespace } = temporal;
  const { pollers } = await askTemporal(temporal, (api) =>
    api.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType: taskTypes[kind],
    }),
  );
  return (pollers ?? []).map(({ lastAccessTime }) =>
    Math.max(0, Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000),
  );
}
