/** One try at exporting a revision. It identifies a folder in the payload store. */
export interface AttemptRef {
  readonly issueId: string;
  readonly revision: string;
  /** From 1. */
  readonly attempt: number;
}
