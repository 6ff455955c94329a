/** A file of the store that is not as it was written. */
export interface DamagedPath {
  /** The key in the store. A folder, with `/` at its end, when it is unknown which of its files is missing. */
  readonly path: string;
  readonly state: 'missing' | 'changed';
  /** Present when an operator accepted the loss, in the attempt's `lost.json`: who. */
  readonly acceptedBy?: string;
}

export const missing = (path: string): DamagedPath => ({ path, state: 'missing' });
export const changed = (path: string): DamagedPath => ({ path, state: 'changed' });
