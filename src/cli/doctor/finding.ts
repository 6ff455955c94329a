/**
 * - `well`: the check passed. `note`: it passed, with a remark for the operator.
 * - `wrong`: the operator must act. `unchecked`: the check could not run, so the state is unknown.
 */
export type State = 'well' | 'note' | 'wrong' | 'unchecked';

/** The result of one check. It contains no secret. It may contain untrusted text, so escape it. */
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
