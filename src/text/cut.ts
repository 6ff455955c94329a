/**
 * Truncates `text` to at most `maxBytes` bytes of UTF-8, never inside a character. Replaces two characters by
 * U+FFFD, because other systems can't store them: lone surrogates (UTF-8, and therefore gRPC) and NUL
 * (PostgreSQL's jsonb, where Temporal keeps search attributes).
 */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let out = '';
  for (const original of text.toWellFormed()) {
    const character = original === '\0' ? '\uFFFD' : original;
    const size = utf8Size(character.codePointAt(0) ?? 0);
    if (bytes + size > maxBytes) return out;
    bytes += size;
    out += character;
  }
  return out;
}

/**
 * Like `cutToBytes`, but also limits the text's JSON to `2 * maxBytes` bytes. JSON escapes some characters
 * with six bytes, and these must not make a workflow's argument too large.
 */
export function cutName(text: string, maxBytes: number): string {
  let name = cutToBytes(text, maxBytes);
  while (utf8Length(JSON.stringify(name)) - 2 > maxBytes * 2) name = cutToUnits(name, name.length - 1);
  return name;
}

/**
 * Prepares a person's text for a workflow's history. Replaces lone surrogates, and control characters that
 * JSON escapes with six bytes, by U+FFFD. Then truncates the text to at most `maxBytes` bytes of JSON.
 * Idempotent.
 */
export function cutToJsonBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let out = '';
  for (const original of text.toWellFormed()) {
    const character = /[^\P{Cc}\n\r\t\u007f-\u009f]/u.test(original) ? '\uFFFD' : original;
    bytes += /["\\\n\r\t]/.test(character) ? 2 : utf8Size(character.codePointAt(0) ?? 0);
    if (bytes > maxBytes) return out;
    out += character;
  }
  return out;
}

/** Truncates `text` to at most `maxUnits` UTF-16 units, never inside a surrogate pair. */
export function cutToUnits(text: string, maxUnits: number): string {
  return text.length <= maxUnits ? text : text.slice(0, maxUnits).replace(/[\uD800-\uDBFF]$/, '');
}

/** Like `cutToUnits`, but truncated text ends with `…`, which counts towards `maxUnits`. */
export function cutWithEllipsis(text: string, maxUnits: number): string {
  return text.length <= maxUnits ? text : `${cutToUnits(text, maxUnits - 1)}…`;
}

/** @returns the number of UTF-8 bytes. Workflow code can't use `Buffer.byteLength`, but it can use this. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += utf8Size(character.codePointAt(0) ?? 0);
  return bytes;
}

function utf8Size(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
