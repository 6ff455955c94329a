import { cutWithEllipsis } from '../text/cut';
import { printable } from '../text/printable';

/** A message is one sentence, however much of the sender's text it quotes. */
const maxMessageCharacters = 300;

/** Requeue refuses a delivery because of what the sender wrote. The message is one sentence. */
export class BodyError extends Error {
  override readonly name = 'BodyError';

  /**
   * @param status HTTP status: 413 for a size over a limit, otherwise 400.
   * @param code short name, e.g. `broken-json`.
   * @param message one sentence for the reader in Aquarium. It may quote the sender, so it is made printable
   *   and cut to 300 characters: the sender's text can't move a terminal's cursor or reverse the direction of
   *   text.
   */
  constructor(
    readonly status: 400 | 413,
    readonly code: string,
    message: string,
  ) {
    super(cutWithEllipsis(printable(message), maxMessageCharacters));
  }
}
