import { cutWithEllipsis } from '../text/cut';
import { formatNumber } from '../text/format-number';
import { printable } from '../text/printable';

/** Keeps a message at one readable sentence, however much of the sender's text it quotes. */
const maxMessageCharacters = 300;

/** The refusals of a body by name, with their HTTP status. Both are part of the HTTP API. */
export const bodyRefusals = {
  'no-body': 400,
  'broken-json': 400,
  'bad-utf8': 400,
  'byte-order-mark': 400,
  'too-deep': 400,
  'not-an-object': 400,
  'key-twice': 400,
  'no-event': 400,
  'no-project': 400,
  'no-issue': 400,
  'issue-not-an-object': 400,
  'no-issue-id': 400,
  'issue-id-not-a-string': 400,
  'issue-id-control-character': 400,
  'issue-id-lone-surrogate': 400,
  'issue-id-too-long': 400,
  'elements-not-an-array': 400,
  'too-long': 400,
  'too-many-keys': 400,
  'too-many-elements': 413,
  'element-too-large': 413,
} as const;

export type BodyRefusalName = keyof typeof bodyRefusals;

/** Requeue refuses a delivery because of its content. The message is one sentence. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly status: 400 | 413;

  /**
   * @param message one sentence for the sender in Aquarium. It may quote the body, so it is made printable
   *   and truncated to 300 characters: quoted text can't move a terminal's cursor or reverse the text's
   *   direction.
   */
  constructor(
    readonly code: BodyRefusalName,
    message: string,
  ) {
    super(cutWithEllipsis(printable(message), maxMessageCharacters));
    this.status = bodyRefusals[code];
  }
}

/** The body has `NaN`, `Infinity` or `-Infinity`: not JSON, but Python's `json.dumps` writes them. */
export class NonFiniteNumber extends BodyError {
  /**
   * @param offset of the first byte that JSON does not allow there, from the start of the body.
   * @param element index of the element that contains it, from 0; undefined outside of the elements.
   */
  constructor(
    readonly word: string,
    readonly offset: number,
    element?: number,
  ) {
    const place = element === undefined ? '' : `, in element ${formatNumber(element)} of the issue`;
    super(
      'broken-json',
      `the body is not valid JSON: ${word} at byte ${offset}${place}; Python's json.dumps writes ${word} unless allow_nan=False is set, so set it, or replace the value by null`,
    );
  }
}
