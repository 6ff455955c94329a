/**
 * What to do about a failed call. Only `activities/failures.ts` decides how each kind is retried.
 * - `retryable`: the call had no effect; `retryAfterMs` when the service specified a delay.
 * - `key-refused`, `project-unknown`, `call-refused` (the schema refuses the mutation, the quota is spent):
 *   an operator must act.
 * - `too-large`: the call has too many bytes (413).
 * - `bad-items`: the service refuses some of the items (400, 422).
 * - `items-unknown`: the service does not have some of the items.
 * - `no-answer`: the request was sent but got no usable answer (time-out, reset, 5xx), so its effect is
 *   unknown.
 * - `unreadable`: a successful status whose reply cannot be read (compressed, a sign-in page). The next reply
 *   would be the same, and the effect of the call is unknown: an operator must act.
 */
export type LabelingErrorKind =
  | 'retryable'
  | 'key-refused'
  | 'project-unknown'
  | 'call-refused'
  | 'too-large'
  | 'bad-items'
  | 'items-unknown'
  | 'no-answer'
  | 'unreadable';

/** A labeling call that returned no outcome for its labels. */
export class LabelingError extends Error {
  override readonly name = 'LabelingError';
  readonly kind: LabelingErrorKind;
  readonly retryAfterMs: number | undefined;
  /**
   * True: the service failed while it executed the call. The call may have had an effect, whatever its `kind`,
   * and its size is not the cause.
   */
  readonly isServerError: boolean;
  /** What the service answered, as a short word: a status or an error code, e.g. `500`. Absent without an answer. */
  readonly answer: string | undefined;
  /**
   * The service's own words, truncated to 2,000 characters. They may contain label ids: write them only to
   * the store, never to a failure or a log.
   */
  readonly detail: string | undefined;

  /** @param message Requeue's own sentence, with neither ids nor secrets: it may enter a workflow history. */
  constructor(
    kind: LabelingErrorKind,
    message: string,
    more: {
      retryAfterMs?: number;
      isServerError?: boolean;
      answer?: string;
      detail?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.retryAfterMs = more.retryAfterMs;
    this.isServerError = more.isServerError ?? false;
    this.answer = more.answer;
    this.detail = more.detail?.slice(0, 2000);
  }
}
