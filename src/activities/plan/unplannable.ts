/** No plan can be made of this delivery. The message is a sentence for a person, without label ids. */
export class Unplannable extends Error {
  override readonly name = 'Unplannable';
}
