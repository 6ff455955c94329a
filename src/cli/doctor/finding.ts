/**
 * - `well`: the check passed. `note`: it passed, but the operator may want to know this.
 * - `wrong`: the operator must act. `unchecked`: the check could not run, so the state is unknown.
 */
export type State = 'well' | 'note' | 'wrong' | 'unchecked';

/** The result of one check. It contains no secret, but may contain untrusted text: escape it. */
export interface Finding {
  readonly part: string;
  readonly state: State;
  /** One sentence. */
  readonly says: string;
  /** How to fix it: a command, where there is one. */
  readonly todo?: string;
  /** The ids in the sentence, for programs. */
  readonly about?: Readonly<Record<string, string>>;
}
