import { replaceUnprintable } from './printable';

/**
 * Quotes `text` as one word for a POSIX shell. Characters that are invisible or reverse the direction of text
 * become octal bytes, because operators copy the command that they see.
 */
export function shellWord(text: string): string {
  const format = replaceUnprintable(text.replaceAll('\\', '\\\\').replaceAll('%', '%%'), octal);
  const isPrintable = replaceUnprintable(text, () => '') === text;
  return isPrintable ? quote(text) : `"$(printf ${quote(format)})"`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The character's UTF-8 bytes in the form that `printf` reads. */
function octal(character: string): string {
  return encodeURIComponent(character).replace(
    /%../g,
    (hex) => `\\${Number.parseInt(hex.slice(1), 16).toString(8).padStart(3, '0')}`,
  );
}
