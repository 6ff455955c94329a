import type { Config } from '../../config/config';
import { findDamagedFiles } from '../../payloads/damage/find-damaged-files';
import type { DamagedPath } from '../../payloads/damage/damaged-path';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { formatDuration } from '../../text/duration';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import type { Finding } from './finding';

const part = 'damaged files';
/** Time limit for looking through the store, in ms. A check has 5 s. */
const lookMs = 3000;
/** Files in one sentence. */
const maxNamed = 10;

/** Names files of the store that are missing or were changed. Empty when everything was checked and is as written. */
export async function checkDamagedFiles({
  config,
}: {
  readonly config: Pick<Config, 'storeFolder'>;
}): Promise<Finding[]> {
  const store = createFolderStore({ folder: config.storeFolder });
  const { damaged, accepted, checked, isComplete } = await findDamagedFiles(store, Date.now() + lookMs);
  return [
    ...(damaged.length === 0 ? [] : [nameDamaged(damaged)]),
    ...(accepted.length === 0 ? [] : [nameAccepted(accepted)]),
    ...(isComplete ? [] : [tellRest(checked)]),
  ];
}

function nameDamaged(damaged: readonly DamagedPath[]): Finding {
  return {
    part,
    state: 'wrong',
    says: `${countDamaged(damaged)}: ${list(damaged.map(({ path, state }) => `${path} (${state})`))}.`,
    todo: 'restore them from the backup; docs/operations.md says what happens without them',
  };
}

function nameAccepted(accepted: readonly DamagedPath[]): Finding {
  const named = accepted.map(
    ({ path, state, acceptedBy = '' }) => `${path} (${state}, accepted by ${acceptedBy})`,
  );
  return {
    part,
    state: 'note',
    says: `${countDamaged(accepted)}, and an operator accepted that: ${list(named)}.`,
  };
}

function countDamaged({ length }: readonly DamagedPath[]): string {
  return `${pluralize(length, 'file')} of the store ${length === 1 ? 'is' : 'are'} missing or changed`;
}

function list(all: readonly string[]): string {
  const more = all.length - maxNamed;
  return `${all.slice(0, maxNamed).join(', ')}${more > 0 ? ` and ${formatNumber(more)} more` : ''}`;
}

function tellRest(checked: number): Finding {
  return {
    part,
    state: 'note',
    says: `The files of ${formatNumber(checked)} requests, issues and deliveries were checked in ${formatDuration(lookMs, 'seconds')}, not all of the store.`,
    todo: 'run doctor again to check others',
  };
}
