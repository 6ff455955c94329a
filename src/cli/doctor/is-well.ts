import type { Examination } from './examine';

/** What could not be looked at is not well: nobody knows. */
export function isWell({ findings }: Examination): boolean {
  return findings.every(({ state }) => state === 'well' || state === 'note');
}
