import type { JsonType } from './json-scanner';

/** A longer key is none that Requeue reads, so its bytes are not kept. */
const maxKeyBytes = 512;
/** A longer string of the envelope is not kept: names and ids are far shorter. */
export const maxTextBytes = 64 * 1024;
/**
 * Unknown keys of one object are kept to find duplicates; more would let a body fill the memory. Aquarium
 * sends a dozen.
 */
const maxUnknownKeys = 10_000;

/** One value of the envelope. Only a string has `text`, unless it is over `maxTextBytes`. */
export interface Fact {
  readonly type: JsonType;
  readonly text?: string;
}

/**
 * What the reader knows about one object whose keys Requeue reads: the envelope, the issue, or the first
 * element.
 */
export class EnvelopeLevel {
  readonly maxKeyBytes = maxKeyBytes;
  readonly maxTextBytes = maxTextBytes;
  readonly facts = new Map<string, Fact>();
  /** The last key, with its escapes decoded; empty when the key was over `maxKeyBytes`. */
  key = '';
  /** The type of the last value that began. */
  type: JsonType = 'null';
  private readonly read: ReadonlySet<string>;
  private readonly seen = new Set<string>();
  private unknown = 0;

  /**
   * @param read the keys whose values become facts.
   * @param onDuplicate called with a duplicate key, quoted and cut to 60 characters.
   * @param onTooMany called with the limit of unknown keys when the object has more.
   */
  constructor(
    read: readonly string[],
    private readonly onDuplicate: (key: string) => void,
    private readonly onTooMany: (limit: number) => void,
  ) {
    this.read = new Set(read);
  }

  /** @param bytes the key with its quotes; undefined for a key over `maxKeyBytes`. */
  enter(bytes: Buffer | undefined): void {
    this.key = bytes ? decodeText(bytes) : '';
    if (bytes && this.seen.has(this.key)) return this.onDuplicate(JSON.stringify(this.key.slice(0, 60)));
    if (!this.read.has(this.key)) this.unknown += 1;
    if (this.unknown > maxUnknownKeys) this.onTooMany(maxUnknownKeys);
    if (bytes && (this.read.has(this.key) || this.unknown <= maxUnknownKeys)) this.seen.add(this.key);
  }

  /**
   * Takes the value of the current key. Of duplicate keys the last one counts, as in `JSON.parse`.
   * @param bytes a string with its quotes; undefined for another type and for a string over `maxTextBytes`.
   */
  leave(bytes: Buffer | undefined): void {
    if (!this.read.has(this.key)) return;
    this.facts.set(this.key, bytes ? { type: this.type, text: decodeText(bytes) } : { type: this.type });
  }
}

function decodeText(bytes: Buffer): string {
  return JSON.parse(bytes.toString('utf8')) as string;
}
