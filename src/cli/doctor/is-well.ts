import type { Examination } from './examine';

/** Whether every check passed. A check that could not run counts as failed, because its state is unknown. */
export function isWell({ findings }: Examination): boolean {
  return findings.every(({ state }) => state === 'well' || state === 'note');
}
