import { shellWord } from '../../text/shell-word';

/** A command to copy into a POSIX shell; each word quoted where it needs it. Nothing in it moves a terminal. */
export function shellCommand(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:@%+=,-]+$/.test(word) ? word : shellWord(wellFormed(word)))).join(' ');
}

/** The command about an issue; an id that begins with a dash would be taken for an option. */
export function commandAbout(issueId: string, name: string, options: readonly string[] = []): string {
  return shellCommand([
    'requeue',
    name,
    ...(issueId.startsWith('-') ? [...options, '--', issueId] : [issueId, ...options]),
  ]);
}

/** No shell can be given half of a surrogate pair, and no id has one. */
function wellFormed(word: string): string {
  return word.replace(/\p{Cs}/gu, '\uFFFD');
}
