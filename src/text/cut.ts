/**
 * `text` cut to at most `maxBytes` bytes of UTF-8, never inside a character. U+FFFD stands for what its readers cannot carry: a
 * lone surrogate (UTF-8, so gRPC) and NUL (PostgreSQL's jsonb, where Temporal keeps search attributes).
 */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let out = '';
  for (const given of text) {
    const character = given === '\0' || isLoneSurrogate(given) ? '\uFFFD' : given;
    const size = utf8Size(character.codePointAt(0) ?? 0);
    if (bytes + size > maxBytes) return out;
    bytes += size;
    out += character;
  }
  return out;
}

/** A name cut as by `cutToBytes`, and to twice as much as JSON: what JSON writes in six bytes must not make an argument too large. */
export function cutName(text: string, maxBytes: number): string {
  let name = cutToBytes(text, maxBytes);
  while (utf8Length(JSON.stringify(name)) - 2 > maxBytes * 2) name = cutToUnits(name, name.length - 1);
  return name;
}

/**
 * A person's words as they travel in a history: control characters that JSON writes in six bytes, and halves of surrogate pairs,
 * become U+FFFD; then cut to at most `maxBytes` bytes of JSON. Doing it twice changes nothing.
 */
export function cutToJsonBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let out = '';
  for (const given of text) {
    const character =
      isLoneSurrogate(given) || /[^\P{Cc}\n\r\t\u007f-\u009f]/u.test(given) ? '\uFFFD' : given;
    bytes += /["\\\n\r\t]/.test(character) ? 2 : utf8Size(character.codePointAt(0) ?? 0);
    if (bytes > maxBytes) return out;
    out += character;
  }
  return out;
}

/** `text` cut to at most `most` UTF-16 units, never between the halves of a pair. */
export function cutToUnits(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

/** Bytes of `text` in UTF-8; pure, so that workflow code may use it too. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += utf8Size(character.codePointAt(0) ?? 0);
  return bytes;
}

/** Half of a surrogate pair without its partner, which UTF-8 cannot carry. */
export function isLoneSurrogate(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xd800 && code <= 0xdfff;
}

function utf8Size(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
