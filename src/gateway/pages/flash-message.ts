/** What a page says after a form was taken. Only these words may stand in the address: a link cannot put words into our mouth. */
const sentences = {
  approved: 'Your approval counts.',
  'approved-part': 'Your approval in part counts; you are asked again about the rest.',
  rejected: 'Rejected: nothing more is sent.',
  early: 'Your decision is kept for the next question of this revision.',
  done: 'These labels were approved already; nothing has changed.',
  pause: 'Pause is asked for: calls in flight end, then nothing more is sent until you resume.',
  resume: 'Resume is asked for: the first call goes alone.',
  cancel: 'Cancel is asked for: calls in flight end, then the report is written.',
  replayed: 'The delivery is asked for again.',
  'signed-out': 'You are signed out in this browser.',
} as const;

export type FlashName = keyof typeof sentences;

/** The sentence for a word of the address; undefined for any other. */
export function flashMessage(word: unknown): string | undefined {
  return typeof word === 'string' && Object.hasOwn(sentences, word)
    ? sentences[word as FlashName]
    : undefined;
}
