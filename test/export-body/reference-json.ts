/**
 * The result of the reference. `completion` turns the bytes before `at` into a whole JSON text, which proves
 * that the error is not earlier.
 */
export type Reference =
  | { readonly kind: 'whole'; readonly issueKeyTwice: boolean }
  | {
      readonly kind: 'fault' | 'cut-off' | 'bad-utf8' | 'too-deep' | 'key-twice';
      readonly at: number;
      readonly completion: Buffer;
    };

/**
 * Reads JSON by the rules of RFC 8259 and RFC 3629, one function a rule. It is slow and shares nothing with
 * the reader under test. It stops at the first byte after which no JSON text is possible, at the first
 * container deeper than 64, or at a duplicate key of the envelope (the outermost object).
 */
export function readReference(bytes: Uint8Array): Reference {
  const reader = new ReferenceReader(bytes);
  try {
    reader.text();
    return { kind: 'whole', issueKeyTwice: reader.issueKeyTwice };
  } catch (stop) {
    if (stop instanceof Stop)
      return { kind: stop.kind, at: stop.at, completion: Buffer.from(stop.completion) };
    throw stop;
  }
}

/** Thrown where reading stops; each enclosing rule adds the bytes that it still needs to `completion`. */
class Stop extends Error {
  constructor(
    readonly kind: Exclude<Reference['kind'], 'whole'>,
    readonly at: number,
    readonly completion: readonly number[],
  ) {
    super(kind);
  }
}

class ReferenceReader {
  issueKeyTwice = false;
  private at = 0;
  /** A character a byte. */
  private readonly characters: string;

  constructor(private readonly bytes: Uint8Array) {
    this.characters = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  text(): void {
    this.space();
    this.followedBy('', () => this.value(0, ''));
    this.space();
    if (this.at < this.bytes.length) this.stop('');
  }

  private value(depth: number, path: string): void {
    const first = this.peek();
    if (first === '{') this.object(depth, path);
    else if (first === '[') this.array(depth, path);
    else if (first === '"') this.string();
    else if (first === 't') this.word('true');
    else if (first === 'f') this.word('false');
    else if (first === 'n') this.word('null');
    else if (first === '-' || isDigit(first)) this.number();
    else this.stop('0');
  }

  private object(depth: number, path: string): void {
    this.open(depth);
    const keys = new Set<string>();
    this.space();
    if (this.takes('}')) return;
    this.expectCharacter('"', '}');
    for (;;) {
      const from = this.at;
      this.followedBy(':0}', () => this.string());
      const key = JSON.parse(Buffer.from(this.bytes.subarray(from, this.at)).toString()) as string;
      this.seen(keys, key, path);
      this.space();
      this.expectCharacter(':', ':0}');
      this.at += 1;
      this.space();
      this.followedBy('}', () => this.value(depth + 1, `${path}/${key}`));
      this.space();
      if (this.takes('}')) return;
      this.expectCharacter(',', '}');
      this.at += 1;
      this.space();
      this.expectCharacter('"', '"":0}');
    }
  }

  private seen(keys: Set<string>, key: string, path: string): void {
    if (keys.has(key) && path === '') throw new Stop('key-twice', this.at, []);
    if (keys.has(key) && path === '/issue') this.issueKeyTwice = true;
    keys.add(key);
  }

  private array(depth: number, path: string): void {
    this.open(depth);
    this.space();
    if (this.takes(']')) return;
    for (;;) {
      this.followedBy(']', () => this.value(depth + 1, `${path}/[]`));
      this.space();
      if (this.takes(']')) return;
      this.expectCharacter(',', ']');
      this.at += 1;
      this.space();
    }
  }

  private open(depth: number): void {
    if (depth === 64) throw new Stop('too-deep', this.at, [0x30]);
    this.at += 1;
  }

  private string(): void {
    this.at += 1;
    for (;;) {
      if (this.takes('"')) return;
      const byte = this.bytes[this.at];
      if (byte === undefined || byte < 0x20) this.stop('"');
      else if (byte >= 0x80) this.followedBy('"', () => this.character(byte));
      else if (byte === 0x5c) this.followedBy('"', () => this.escape());
      else this.at += 1;
    }
  }

  private escape(): void {
    this.at += 1;
    if (this.takes('u')) {
      for (let left = 4; left > 0; left -= 1) {
        if (!/^[0-9a-fA-F]$/.test(this.peek())) this.stop('0'.repeat(left));
        this.at += 1;
      }
    } else if (this.peek() !== '' && '"\\/bfnrt'.includes(this.peek())) this.at += 1;
    else this.stop('n');
  }

  /** A character of more than one byte, by RFC 3629's table of well-formed byte sequences. */
  private character(lead: number): void {
    const row = wellFormed.find((bounds) => lead >= bounds[0]! && lead <= bounds[1]!);
    if (!row) throw new Stop('bad-utf8', this.at, []);
    const tails = row.slice(2);
    for (let tail = 0; tail < tails.length; tail += 2) {
      this.at += 1;
      const byte = this.bytes[this.at];
      if (byte !== undefined && byte >= tails[tail]! && byte <= tails[tail + 1]!) continue;
      const rest = tails.slice(tail).filter((_, place) => place % 2 === 0);
      throw new Stop(byte === undefined ? 'cut-off' : 'bad-utf8', this.at, rest);
    }
    this.at += 1;
  }

  private number(): void {
    this.takes('-');
    if (!this.takes('0')) this.digits();
    if (this.takes('.')) this.digits();
    if (this.takes('e') || this.takes('E')) {
      if (!this.takes('+')) this.takes('-');
      this.digits();
    }
  }

  private digits(): void {
    if (!isDigit(this.peek())) this.stop('0');
    while (isDigit(this.peek())) this.at += 1;
  }

  private word(word: string): void {
    for (let letter = 0; letter < word.length; letter += 1)
      if (!this.takes(word[letter]!)) this.stop(word.slice(letter));
  }

  private space(): void {
    while (this.takes(' ') || this.takes('\t') || this.takes('\n') || this.takes('\r'));
  }

  private peek(): string {
    return this.characters[this.at] ?? '';
  }

  private takes(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  private expectCharacter(character: string, completion: string): void {
    if (this.peek() !== character) this.stop(completion);
  }

  private stop(completion: string): never {
    throw new Stop(this.at < this.bytes.length ? 'fault' : 'cut-off', this.at, [...Buffer.from(completion)]);
  }

  /** Applies a rule. When reading stops inside it, `rest` completes the text after the rule's own completion. */
  private followedBy(rest: string, rule: () => void): void {
    try {
      rule();
    } catch (stop) {
      if (stop instanceof Stop)
        throw new Stop(stop.kind, stop.at, [...stop.completion, ...Buffer.from(rest)]);
      throw stop;
    }
  }
}

/** First and last lead byte, then the first and last value of each following byte. */
const wellFormed: readonly (readonly number[])[] = [
  [0xc2, 0xdf, 0x80, 0xbf],
  [0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf],
  [0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf],
  [0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf],
  [0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf],
  [0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf],
  [0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf],
  [0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf],
];

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}
