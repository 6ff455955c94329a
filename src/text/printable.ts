import { isLoneSurrogate } from './cut';

/**
 * Text of strangers for a terminal or a sentence: what moves a cursor, breaks a line, turns the direction of text or cannot be
 * seen is written as `\uXXXX`. The zero-width joiners stay: scripts and emoji need them.
 */
export function printable(text: string): string {
  return replaceUnprintable(text, escaped);
}

/** The same for a JSON text, whose value does not change: line ends and tabs between its tokens stay. */
export function printableJson(json: string): string {
  return replaceUnprintable(json, (character) =>
    /[\t\n\r]/.test(character) ? character : escaped(character),
  );
}

/** `text` with every character that `printable` escapes replaced by what `by` makes of it. */
export function replaceUnprintable(text: string, by: (character: string) => string): string {
  return text.replace(/(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, by);
}

/** Whether `text` has a surrogate without its partner, which UTF-8 cannot carry. */
export function hasLoneSurrogate(text: string): boolean {
  for (const character of text) if (isLoneSurrogate(character)) return true;
  return false;
}

/** Whether `text` has a C0 or C1 control character or DEL. */
export function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}

function escaped(character: string): string {
  return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
