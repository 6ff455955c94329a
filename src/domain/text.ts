/** `text` cut to at most `maxBytes` bytes of UTF-8, never inside a character; a lone surrogate becomes U+FFFD. */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let out = '';
  for (const character of text) {
    const size = utf8Size(character.codePointAt(0) ?? 0);
    if (bytes + size > maxBytes) return out;
    bytes += size;
    out += isLoneSurrogate(character) ? '\uFFFD' : character;
  }
  return out;
}

/** Bytes of `text` in UTF-8; pure, so that workflow code may use it too. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += utf8Size(character.codePointAt(0) ?? 0);
  return bytes;
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

function isLoneSurrogate(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xd800 && code <= 0xdfff;
}

function utf8Size(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
