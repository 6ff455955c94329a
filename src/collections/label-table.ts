import { hash } from 'node:crypto';

/** Each slot has four words for the key and one for the value. An empty slot's value is 0. */
const slotWords = 5;
const firstSlots = 1024;
/** Above this load, runs of occupied slots become long and lookups slow. */
const maxLoad = 0.8;
/**
 * Less than 2, to save memory: a table for two million labels needs less than 75 MB right after it grows, and
 * less than 50 MB when it is full.
 */
const growth = 1.5;

/**
 * Maps millions of label ids to small numbers, with open addressing in one typed array. A label needs 25 to
 * 38 bytes, however long its id is; in a Map of strings it needs 100 or more. Two ids count as equal if the
 * first 128 bits of their sha256 are equal. Not for workflow code: it needs `node:crypto`.
 */
export class LabelTable {
  /** Number of labels in the table. */
  size = 0;
  private slots = firstSlots;
  private words = new Uint32Array(firstSlots * slotWords);

  get(labelId: string): number | undefined {
    const value = this.words[this.find(hashKey(labelId)) + 4]!;
    return value === 0 ? undefined : value - 1;
  }

  /**
   * @param value from 0 to 4,294,967,294.
   * @returns false, without changing anything, when the label already has a number.
   */
  add(labelId: string, value: number): boolean {
    if (this.size >= this.slots * maxLoad) this.grow();
    const key = hashKey(labelId);
    const at = this.find(key);
    if (this.words[at + 4] !== 0) return false;
    this.put(at, key, value + 1);
    this.size += 1;
    return true;
  }

  /** @returns the index in `words` of the key's slot, or of the empty slot where the key belongs. */
  private find([a, b, c, d]: Key): number {
    const { words } = this;
    let at = (a % this.slots) * slotWords;
    while (
      words[at + 4] !== 0 &&
      (words[at] !== a || words[at + 1] !== b || words[at + 2] !== c || words[at + 3] !== d)
    ) {
      at = at + slotWords === words.length ? 0 : at + slotWords;
    }
    return at;
  }

  private put(at: number, [a, b, c, d]: Key, value: number): void {
    const { words } = this;
    words[at] = a;
    words[at + 1] = b;
    words[at + 2] = c;
    words[at + 3] = d;
    words[at + 4] = value;
  }

  private grow(): void {
    const old = this.words;
    this.slots = Math.ceil(this.slots * growth);
    this.words = new Uint32Array(this.slots * slotWords);
    for (let from = 0; from < old.length; from += slotWords) {
      const value = old[from + 4]!;
      if (value === 0) continue;
      const key: Key = [old[from]!, old[from + 1]!, old[from + 2]!, old[from + 3]!];
      this.put(this.find(key), key, value);
    }
  }
}

type Key = readonly [number, number, number, number];

/**
 * Hashes UTF-16. In UTF-8, every lone surrogate becomes U+FFFD, so two different ids could count as equal.
 */
function hashKey(labelId: string): Key {
  const digest = hash('sha256', Buffer.from(labelId, 'utf16le'), 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}
