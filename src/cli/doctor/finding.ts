/**
 * - `well`: looked at, nothing to do. `note`: it works, and a person may want to know.
 * - `wrong`: a person must act. `unchecked`: nobody knows, because the check itself could not be made.
 */
export type State = 'well' | 'note' | 'wrong' | 'unchecked';

/** What the doctor says of one part. Never holds a secret; may hold words from outside, which are made printable where they are shown. */
export interface Finding {
  readonly part: string;
  readonly state: State;
  /** A sentence. */
  readonly says: string;
  /** What to do about it, a command where there is one. */
  readonly todo?: string;
  /** For programs: what the sentence is about. */
  readonly about?: Readonly<Record<string, string>>;
}
