/** Characters of a message, at most. */
const maxMessage = 300;

/** A delivery that Requeue refuses: the sender's fault, in one sentence. */
export class BodyError extends Error {
  override readonly name = 'BodyError';

  /**
   * @param status HTTP status: 413 for a size over a limit, else 400.
   * @param code short name, e.g. `broken-json`.
   * @param message one sentence for the person who reads it in Aquarium; cut to 300 characters, control characters escaped.
   */
  constructor(
    readonly status: 400 | 413,
    readonly code: string,
    message: string,
  ) {
    super(cut(printable(message)));
  }
}

/** What a sender wrote may move a terminal's cursor or turn the direction of text: escaped, it is only text. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function cut(text: string): string {
  return text.length <= maxMessage
    ? text
    : `${text.slice(0, maxMessage - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
