import { replaceUnprintable } from './printable';

/**
 * `text` as one word for a POSIX shell. What cannot be seen, or turns the direction of text, is written as octal bytes: people
 * copy what they see.
 */
export function shellWord(text: string): string {
  const format = replaceUnprintable(text.replaceAll('\\', '\\\\').replaceAll('%', '%%'), octal);
  const hidesNothing = replaceUnprintable(text, () => '') === text;
  return hidesNothing ? quoted(text) : `"$(printf ${quoted(format)})"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The bytes of a character as `printf` reads them. */
function octal(character: string): string {
  return encodeURIComponent(character).replace(
    /%../g,
    (hex) => `\\${Number.parseInt(hex.slice(1), 16).toString(8).padStart(3, '0')}`,
  );
}
