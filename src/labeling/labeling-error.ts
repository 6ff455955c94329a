/**
 * What went wrong with a call, by what is to be done about it. `activities/failures.ts` alone decides how
 * each is retried.
 * - `retryable`: no effect, or the service says so; `retryAfterMs` when it named a delay.
 * - `key-refused`, `project-unknown`, `call-refused` (a mutation the schema refuses, quota spent): a person
 *   must act.
 * - `too-large`: the call was too big (413). `bad-items`: some of the items are refused (400, 422).
 * - `no-answer`: the request left and no answer came (time-out, reset): the effect is unknown.
 */
export type LabelingErrorKind =
  | 'retryable'
  | 'key-refused'
  | 'project-unknown'
  | 'call-refused'
  | 'too-large'
  | 'bad-items'
  | 'no-answer';

/** A labeling call that gave no outcome for its labels. */
export class LabelingError extends Error {
  override readonly name = 'LabelingError';
  readonly kind: LabelingErrorKind;
  readonly retryAfterMs: number | undefined;
  /**
   * The service's own words, at most 2,000 characters. They may name label ids: for receipts only, never for
   * a failure or a log.
   */
  readonly detail: string | undefined;

  /** @param message a sentence of ours, without ids and secrets: it may enter a workflow history. */
  constructor(
    kind: LabelingErrorKind,
    message: string,
    more: { retryAfterMs?: number; detail?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.retryAfterMs = more.retryAfterMs;
    this.detail = more.detail?.slice(0, 2000);
  }
}
