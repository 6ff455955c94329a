import { hash } from 'node:crypto';

/** Words of a slot: four of the key, one of the value; an empty slot has the value 0. */
const slotWords = 5;
const firstSlots = 1024;
/** Fuller than this, runs of taken slots grow long. */
const fullest = 0.8;
/** Less than doubling: the table of two million labels stays under 75 MB right after it has grown, under 50 MB when it is full. */
const growth = 1.5;

/**
 * A map from label ids to small numbers for millions of labels: open addressing over one typed array, 25 to 38 bytes a label
 * whatever the ids' length, where a Map of strings takes 100 and more. Ids are told apart by 128 bits of their sha256.
 * Not for workflow code: it needs `node:crypto`.
 */
export class LabelTable {
  /** Labels in the table. */
  size = 0;
  private slots = firstSlots;
  private words = new Uint32Array(firstSlots * slotWords);

  /** The number kept for a label, or undefined. */
  get(labelId: string): number | undefined {
    const value = this.words[this.find(hashKey(labelId)) + 4]!;
    return value === 0 ? undefined : value - 1;
  }

  /** Keeps `value` (from 0 to 4,294,967,294) for a label that has none yet; answers false when it has one. */
  add(labelId: string, value: number): boolean {
    if (this.size >= this.slots * fullest) this.grow();
    const key = hashKey(labelId);
    const at = this.find(key);
    if (this.words[at + 4] !== 0) return false;
    this.put(at, key, value + 1);
    this.size += 1;
    return true;
  }

  /** Where in `words` the key's slot begins, or the empty slot that would take it. */
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

/** Of the UTF-16 text: in UTF-8 all lone surrogates would look the same, and so would two labels. */
function hashKey(labelId: string): Key {
  const digest = hash('sha256', Buffer.from(labelId, 'utf16le'), 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}
