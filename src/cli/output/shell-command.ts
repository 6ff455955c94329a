import { shellWord } from '../../text/shell-word';

/** A command to copy into a POSIX shell, quoted where needed, without characters that control a terminal. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:@%+=,-]+$/.test(word) ? word : shellWord(word.toWellFormed())))
    .join(' ');
}

/** A command about an issue. `--` keeps an id that begins with a dash from being parsed as an option. */
export function commandAbout(issueId: string, name: string, options: readonly string[] = []): string {
  return shellCommand([
    'requeue',
    name,
    ...(issueId.startsWith('-') ? [...options, '--', issueId] : [issueId, ...options]),
  ]);
}
