import { cutWithEllipsis } from '../text/cut';
import { printable } from '../text/printable';

/** Keeps a message at one readable sentence, however much of the sender's text it quotes. */
const maxMessageCharacters = 300;

/** Requeue refuses a delivery because of its content. The message is one sentence. */
export class BodyError extends Error {
  override readonly name = 'BodyError';

  /**
   * @param status the HTTP status: 413 for a size over its limit, otherwise 400.
   * @param code a short name, e.g. `broken-json`.
   * @param message one sentence for the sender in Aquarium. It may quote the body, so it is made printable
   *   and truncated to 300 characters: quoted text can't move a terminal's cursor or reverse the text's
   *   direction.
   */
  constructor(
    readonly status: 400 | 413,
    readonly code: string,
    message: string,
  ) {
    super(cutWithEllipsis(printable(message), maxMessageCharacters));
  }
}
