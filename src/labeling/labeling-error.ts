/**
 * What to do about a failed call. Only `activities/failures.ts` decides how each kind is retried.
 * - `retryable`: the call had no effect, or the service reports so; `retryAfterMs` when the service named a
 *   delay.
 * - `key-refused`, `project-unknown`, `call-refused` (the schema refuses the mutation, the quota is spent):
 *   an operator must act.
 * - `too-large`: the call was too big (413).
 * - `bad-items`: the service refuses some of the items (400, 422).
 * - `no-answer`: the request left and no answer came (time-out, reset), so its effect is unknown.
 */
export type LabelingErrorKind =
  | 'retryable'
  | 'key-refused'
  | 'project-unknown'
  | 'call-refused'
  | 'too-large'
  | 'bad-items'
  | 'no-answer';

/** A labeling call that returned no outcome for its labels. */
export class LabelingError extends Error {
  override readonly name = 'LabelingError';
  readonly kind: LabelingErrorKind;
  readonly retryAfterMs: number | undefined;
  /**
   * The service's own words, cut to 2,000 characters. They may name label ids: for the store only, never for
   * a failure or a log.
   */
  readonly detail: string | undefined;

  /** @param message a sentence of ours without ids and secrets: it may enter a workflow history. */
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
