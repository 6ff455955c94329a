/**
 * A delivery can't be planned, and a retry would fail the same way. The message is a sentence for the
 * operator, without label ids.
 */
export class Unplannable extends Error {
  override readonly name = 'Unplannable';
}
