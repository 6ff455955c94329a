import type { Examination } from './examine';

/** A check that could not run counts as a failure: the state is unknown. */
export function isWell({ findings }: Examination): boolean {
  return findings.every(({ state }) => state === 'well' || state === 'note');
}
