/**
 * - `well`: the check passed. `note`: it passed, and the operator may want to know something.
 * - `wrong`: the operator must act. `unchecked`: the check could not run, so the state is unknown.
 */
export type State = 'well' | 'note' | 'wrong' | 'unchecked';

/** The result of one check. Never holds a secret. May hold untrusted text, to be escaped where shown. */
export interface Finding {
  readonly part: string;
  readonly state: State;
  /** One sentence. */
  readonly says: string;
  /** The fix; a command where there is one. */
  readonly todo?: string;
  /** Ids in the sentence, for programs. */
  readonly about?: Readonly<Record<string, string>>;
}
