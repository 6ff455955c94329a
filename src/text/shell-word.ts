import { replaceUnprintable } from './printable';

/**
 * Quotes `text` as one word for a POSIX shell. Writes characters that are invisible or reverse the text's
 * direction as octal bytes: an operator copies the command from the screen, so all of it must be visible
 * there.
 */
export function shellWord(text: string): string {
  const format = replaceUnprintable(text.replaceAll('\\', '\\\\').replaceAll('%', '%%'), octal);
  const isPrintable = replaceUnprintable(text, () => '') === text;
  return isPrintable ? quote(text) : `"$(printf ${quote(format)})"`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @returns the character's UTF-8 bytes as octal escapes for `printf`. */
function octal(character: string): string {
  return encodeURIComponent(character).replace(
    /%../g,
    (hex) => `\\${Number.parseInt(hex.slice(1), 16).toString(8).padStart(3, '0')}`,
  );
}
