import { findDamagedFiles } from '../../payloads/damage/find-damaged-files';
import type { DamagedPath } from '../../payloads/damage/damaged-path';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { formatDuration } from '../../text/duration';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import type { Finding } from './finding';
import type { Subject } from './subject';

const part = 'damaged files';
/** Time limit for looking through the store, in ms. A check has 5 s. */
const lookMs = 3000;
/** Files in one sentence. */
const maxNamed = 10;

/** Names files of the store that are missing or were changed. Empty when everything was checked and is as written. */
export async function checkDamagedFiles({ config }: Pick<Subject, 'config'>): Promise<Finding[]> {
  const store = createFolderStore({ folder: config.storeFolder });
  const { damaged, checked, isComplete } = await findDamagedFiles(store, Date.now() + lookMs);
  return [...(damaged.length === 0 ? [] : [name(damaged)]), ...(isComplete ? [] : [tellRest(checked)])];
}

function name(damaged: readonly DamagedPath[]): Finding {
  const named = damaged.slice(0, maxNamed).map(({ path, state }) => `${path} (${state})`);
  const more = damaged.length - named.length;
  const verb = damaged.length === 1 ? 'is' : 'are';
  return {
    part,
    state: 'wrong',
    says: `${pluralize(damaged.length, 'file')} of the store ${verb} missing or changed: ${named.join(', ')}${more > 0 ? ` and ${formatNumber(more)} more` : ''}.`,
    todo: 'restore them from the backup; docs/operations.md says what happens without them',
  };
}

function tellRest(checked: number): Finding {
  return {
    part,
    state: 'note',
    says: `The files of ${formatNumber(checked)} requests, issues and deliveries were checked in ${formatDuration(lookMs, 'seconds')}, not all of the store.`,
    todo: 'run doctor again to check others',
  };
}
