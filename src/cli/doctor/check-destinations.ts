import { defined } from '../../collections/defined';
import type { Destination } from '../../config/config';
import { describeDestination } from '../../gateway/api/show/describe-destination';
import { createLabelingService } from '../../labeling/create-labeling-service';
import { readDestinationPause, readDestinationWait } from '../../payloads/destination-state';
import { createFolderStore } from '../../payloads/folder/folder-store';
import type { PayloadStore } from '../../payloads/payload-store';
import { shellCommand } from '../output/shell-command';
import type { Finding } from './finding';
import type { Subject } from './subject';

/**
 * Time limit, in ms. An operator is waiting, and the labeling service answers a query without data
 * immediately.
 */
const timeoutMs = 4000;

/** Checks that each labeling service answers and accepts its key, and whether the destination is paused or waits. */
export async function checkDestinations({
  config,
  mode,
}: Pick<Subject, 'config' | 'mode'>): Promise<Finding[]> {
  const store = createFolderStore({ folder: config.storeFolder });
  const findings = config.destinations.map(async (destination) => [
    ...(await checkDestination(destination, mode)),
    ...(await checkState(store, destination.name)),
  ]);
  return (await Promise.all(findings)).flat();
}

/** Empty when the store cannot be read: the check of the store reports that. */
async function checkState(store: PayloadStore, name: string): Promise<Finding[]> {
  const part = `destination ${name}`;
  try {
    const pause = await readDestinationPause(store, name);
    const waits = await readDestinationWait(store, name);
    const paused = pause && { ...pause, since: pause.at };
    const says = describeDestination({ name, ...defined({ paused, waits }) });
    const todo = paused && shellCommand(['requeue', 'resume', '--destination', name]);
    return says.map((sentence) => ({ part, state: 'note', says: sentence, ...defined({ todo }) }));
  } catch {
    return [];
  }
}

async function checkDestination(destination: Destination, mode: Subject['mode']): Promise<Finding[]> {
  const part = `destination ${destination.name}`;
  const missing = [...(destination.address ? [] : ['address']), ...(destination.key ? [] : ['key'])];
  if (missing.length > 0) {
    return [
      {
        part,
        state: 'unchecked',
        says: `Its ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set in this environment.`,
        todo: 'run doctor where the worker runs, or set LABELING_API_ENDPOINT and LABELING_API_KEY, or the variables that the REQUEUE_CONFIG file refers to',
      },
    ];
  }
  const service = createLabelingService({ ...destination, timeoutMs });
  const faults = await service.check();
  void service.close(); // not awaited: it waits for a call that the service may never answer
  if (faults.length === 0)
    return [{ part, state: 'well', says: `${addressOrigin(destination.address)} accepts the key.` }];
  return faults.map(({ message }) => ({ part, state: 'wrong', says: message, todo: nextStep(mode) }));
}

function nextStep(mode: Subject['mode']): string {
  return mode === 'dev'
    ? 'correct LABELING_API_ENDPOINT, LABELING_API_KEY or SANDBOX_PORT; npm run dev runs the sandbox'
    : 'correct its address, key or mutation (LABELING_API_ENDPOINT, LABELING_API_KEY, REQUEUE_CONFIG), then restart the workers';
}

/** Returns the origin only, because the path and the query may be secret. */
function addressOrigin(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : 'The configured address';
}
