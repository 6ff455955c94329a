import { hash } from 'node:crypto';

/** A slot has four words for the key and one for the value. The value of an empty slot is 0. */
const slotWords = 5;
const firstSlots = 1024;
/** Above this load, runs of taken slots grow long and lookups slow down. */
const maxLoad = 0.8;
/**
 * Not doubling: a table of two million labels stays under 75 MB right after it grows, and under 50 MB when
 * full.
 */
const growth = 1.5;

/**
 * Maps millions of label ids to small numbers: open addressing over one typed array. A label takes 25 to 38
 * bytes, however long its id; a Map of strings takes 100 or more. Two ids are equal when 128 bits of their
 * sha256 are. Not for workflow code: it needs `node:crypto`.
 */
export class LabelTable {
  /** Labels in the table. */
  size = 0;
  private slots = firstSlots;
  private words = new Uint32Array(firstSlots * slotWords);

  get(labelId: string): number | undefined {
    const value = this.words[this.find(hashKey(labelId)) + 4]!;
    return value === 0 ? undefined : value - 1;
  }

  /**
   * @param value from 0 to 4,294,967,294.
   * @returns false, and changes nothing, when the label has a number already.
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

  /** @returns the index in `words` of the key's slot, or of the empty slot that would take it. */
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

/** Hashes UTF-16: in UTF-8 every lone surrogate becomes U+FFFD, and two different labels would be equal. */
function hashKey(labelId: string): Key {
  const digest = hash('sha256', Buffer.from(labelId, 'utf16le'), 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}
