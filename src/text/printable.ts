import { isLoneSurrogate } from './cut';

/**
 * Makes untrusted text safe for a terminal or a sentence: a character that moves the cursor, breaks the line,
 * reverses the direction of text or is invisible becomes `\uXXXX`. Zero-width joiners stay: scripts and emoji
 * need them.
 */
export function printable(text: string): string {
  return replaceUnprintable(text, escaped);
}

/** The same for JSON. Line ends and tabs between the tokens stay, so the JSON's value does not change. */
export function printableJson(json: string): string {
  return replaceUnprintable(json, (character) =>
    /[\t\n\r]/.test(character) ? character : escaped(character),
  );
}

/** Replaces every character that `printable` escapes by the result of `replace`. */
export function replaceUnprintable(text: string, replace: (character: string) => string): string {
  return text.replace(/(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, replace);
}

/** Whether `text` has a surrogate without its partner, which UTF-8 can't carry. */
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
