import type { JsonType } from './json-scanner';

/** Bytes of a key and of a text of the envelope that are read, at most. */
const maxKeyBytes = 512;
export const maxTextBytes = 64 * 1024;
/** Unknown keys of one object that are remembered to find a repetition: more would let a body fill the memory. Aquarium has a dozen. */
const maxUnknownKeys = 10_000;

/** One value of the envelope; `text` of a string, unless it is too long to be read. */
export interface Fact {
  readonly type: JsonType;
  readonly text?: string;
}

/** What was seen of one object whose keys Requeue reads: the envelope, the issue, or the first element. */
export class EnvelopeLevel {
  readonly maxKeyBytes = maxKeyBytes;
  readonly maxTextBytes = maxTextBytes;
  /** The values of the keys that are read. */
  readonly facts = new Map<string, Fact>();
  /** The key that was seen last, its escapes decoded; empty for one that is too long to be one of ours. */
  key = '';
  /** The type of the value that began last. */
  type: JsonType = 'null';
  private readonly read: ReadonlySet<string>;
  private readonly seen = new Set<string>();
  private unknown = 0;

  /** @param onTwice told a key that comes again, quoted and cut. @param onTooMany told when no more keys are remembered. */
  constructor(
    read: readonly string[],
    private readonly onTwice: (key: string) => void,
    private readonly onTooMany: (most: number) => void,
  ) {
    this.read = new Set(read);
  }

  /** A key with these bytes, quotes included; undefined for one over `maxKeyBytes`. */
  enter(bytes: Buffer | undefined): void {
    this.key = bytes ? decodeText(bytes) : '';
    if (bytes && this.seen.has(this.key)) return this.onTwice(JSON.stringify(this.key.slice(0, 60)));
    if (!this.read.has(this.key)) this.unknown += 1;
    if (this.unknown > maxUnknownKeys) this.onTooMany(maxUnknownKeys);
    if (bytes && (this.read.has(this.key) || this.unknown <= maxUnknownKeys)) this.seen.add(this.key);
  }

  /** The key's value has ended; the bytes are those of a string of at most `maxTextBytes`. Of a key given twice the last counts, as in `JSON.parse`. */
  leave(bytes: Buffer | undefined): void {
    if (!this.read.has(this.key)) return;
    this.facts.set(this.key, bytes ? { type: this.type, text: decodeText(bytes) } : { type: this.type });
  }
}

function decodeText(bytes: Buffer): string {
  return JSON.parse(bytes.toString('utf8')) as string;
}
