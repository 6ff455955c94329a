import type { JsonType } from './json-scanner';

/** Maximum bytes of a key. Requeue reads no longer key, so it does not keep the bytes of one. */
const maxKeyBytes = 512;
/** Maximum bytes of a string in the envelope. A longer one is not kept: names and ids are far shorter. */
export const maxTextBytes = 64 * 1024;
/**
 * Maximum unknown keys of one object. Requeue keeps them to find duplicates; without a limit, a body could
 * fill the memory. Aquarium sends a dozen.
 */
const maxUnknownKeys = 10_000;

/** One value of the envelope. Only a string has `text`, unless it is over `maxTextBytes`. */
export interface Fact {
  readonly type: JsonType;
  readonly text?: string;
}

/**
 * What was read so far of one object whose keys Requeue reads: the envelope, the issue or the first element.
 */
export class EnvelopeLevel {
  readonly maxKeyBytes = maxKeyBytes;
  readonly maxTextBytes = maxTextBytes;
  readonly facts = new Map<string, Fact>();
  /** The last key, with its escapes decoded; empty when the key was over `maxKeyBytes`. */
  key = '';
  /** The type of the value that began last. */
  type: JsonType = 'null';
  private readonly read: ReadonlySet<string>;
  private readonly seen = new Set<string>();
  private unknown = 0;

  /**
   * @param read the keys whose values become facts.
   * @param onDuplicate called with each duplicate key, truncated to 60 characters and quoted.
   * @param onTooMany called with the limit when the object has too many unknown keys.
   */
  constructor(
    read: readonly string[],
    private readonly onDuplicate: (key: string) => void,
    private readonly onTooMany: (limit: number) => void,
  ) {
    this.read = new Set(read);
  }

  /** @param bytes the key including its quotes; undefined for a key over `maxKeyBytes`. */
  enter(bytes: Buffer | undefined): void {
    this.key = bytes ? decodeText(bytes) : '';
    if (bytes && this.seen.has(this.key)) return this.onDuplicate(JSON.stringify(this.key.slice(0, 60)));
    if (!this.read.has(this.key)) this.unknown += 1;
    if (this.unknown > maxUnknownKeys) this.onTooMany(maxUnknownKeys);
    if (bytes && (this.read.has(this.key) || this.unknown <= maxUnknownKeys)) this.seen.add(this.key);
  }

  /**
   * Stores the value of the current key. If a key is duplicate, its last value counts, like in `JSON.parse`.
   * @param bytes a string including its quotes; undefined for other types and for a string over
   *   `maxTextBytes`.
   */
  leave(bytes: Buffer | undefined): void {
    if (!this.read.has(this.key)) return;
    this.facts.set(this.key, bytes ? { type: this.type, text: decodeText(bytes) } : { type: this.type });
  }
}

function decodeText(bytes: Buffer): string {
  return JSON.parse(bytes.toString('utf8')) as string;
}
