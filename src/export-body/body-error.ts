/** A delivery that Requeue refuses: the sender's fault, in one sentence. */
export class BodyError extends Error {
  override readonly name = 'BodyError';

  /**
   * @param status HTTP status: 413 for a size over a limit, else 400.
   * @param code short name, e.g. `broken-json`.
   * @param message one sentence for the person who reads it in Aquarium; at most 300 characters.
   */
  constructor(
    readonly status: 400 | 413,
    readonly code: string,
    message: string,
  ) {
    super(message.slice(0, 300));
  }
}
