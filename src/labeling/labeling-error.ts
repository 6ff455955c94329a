/**
 * What to do about a failed call. Only `activities/failures.ts` decides how each kind is retried.
 * - `retryable`: the call had no effect, or the service reports a temporary failure; `retryAfterMs` when the
 *   service specified a delay.
 * - `key-refused`, `project-unknown`, `call-refused` (the schema refuses the mutation, the quota is spent):
 *   an operator must act.
 * - `too-large`: the call has too many bytes (413).
 * - `bad-items`: the service refuses some of the items (400, 422).
 * - `no-answer`: the request was sent but got no usable answer (time-out, reset), so its effect is unknown.
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
   * The service's own words, truncated to 2,000 characters. They may contain label ids: write them only to
   * the store, never to a failure or a log.
   */
  readonly detail: string | undefined;

  /** @param message Requeue's own sentence, with neither ids nor secrets: it may enter a workflow history. */
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
