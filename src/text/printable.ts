/**
 * Makes untrusted text safe for a terminal or a sentence. Replaces each character that moves the cursor,
 * breaks the line, reverses the text's direction or is invisible by `\uXXXX`. Keeps zero-width joiners and
 * non-joiners, because some scripts and emoji need them.
 */
export function printable(text: string): string {
  return replaceUnprintable(text, escaped);
}

/**
 * Like `printable`, but for JSON. Keeps tabs and line breaks between tokens, so the JSON's value stays the
 * same.
 */
export function printableJson(json: string): string {
  return replaceUnprintable(json, (character) =>
    /[\t\n\r]/.test(character) ? character : escaped(character),
  );
}

/** Replaces every character that `printable` escapes by the result of `replace` instead. */
export function replaceUnprintable(text: string, replace: (character: string) => string): string {
  return text.replace(/(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, replace);
}

/**
 * Replaces each character that text files lose by `\uXXXX`: lone surrogates, which UTF-8 cannot hold, and control
 * characters and noncharacters, which spreadsheets may drop because XML cannot hold them. Keeps tabs and line ends.
 */
export function escapeUnstorable(text: string): string {
  return text.replace(/(?![\t\r\n])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, escaped);
}

/** The reverse of `escapeUnstorable`, for a text that a person copied from a file or a terminal. */
export function unescapeUnstorable(text: string): string {
  const plain = text.replace(/\\u([0-9a-f]{4})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return escapeUnstorable(plain) === text ? plain : text;
}

/** @returns whether `text` contains a C0 or C1 control character or DEL. */
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
