/** An element of a delivery that names a label. */
export interface NamingElement {
  /** Index in the delivery, from 0. */
  readonly element: number;
  readonly elementId: string;
}

/** Maximum elements to keep per label; other elements are only counted. */
const maxPerLabel = 100;
/** Maximum elements to keep for all labels together, as many as a delivery may have. */
const maxEntries = 2_000_000;
/** Maximum bytes of an id as JSON. A longer id is not kept. */
const maxIdBytes = 4096;
/** Maximum bytes of all ids: room for two million UUIDs. */
const maxAllIdBytes = 80 * 1024 * 1024;
const slabBytes = 1024 * 1024;
const lineEnd = 0x0a; // ends an id: JSON.stringify never writes it into a string

/**
 * For each label of a plan, the elements that name it, except the first. Built for millions of elements: each
 * uses a few numbers, and its id is stored as bytes outside the heap. Elements over a bound are counted but
 * not kept.
 */
export class OtherElements {
  private readonly counts: Uint32Array;
  /** For each label: 1 + its last entry, or 0 without entries. */
  private readonly lastEntry: Uint32Array;
  /** For each entry: 1 + the previous entry of the same label, or 0 if it is the label's first entry. */
  private readonly previousEntry: Uint32Array;
  /** For each entry: the index of its element. */
  private readonly elements: Uint32Array;
  /** For each entry: the offset of its id in the slabs. */
  private readonly ids: Uint32Array;
  private readonly slabs: Buffer[] = [];
  private entries = 0;
  private idEnd = 0;

  /**
   * @param expectedEntries how many elements will be added. Elements beyond this number are counted but not
   * kept; if it is 0, they are not counted either.
   */
  constructor(labels: number, expectedEntries: number) {
    const [labelSlots, entrySlots] =
      expectedEntries === 0 ? [0, 0] : [labels, Math.min(expectedEntries, maxEntries)];
    this.counts = new Uint32Array(labelSlots);
    this.lastEntry = new Uint32Array(labelSlots);
    this.previousEntry = new Uint32Array(entrySlots);
    this.elements = new Uint32Array(entrySlots);
    this.ids = new Uint32Array(entrySlots);
  }

  /** @param position of the label in the plan, from 0. */
  add(position: number, { element, elementId }: NamingElement): void {
    const count = this.countAt(position) + 1;
    this.counts[position] = count;
    if (count > maxPerLabel || this.entries === this.elements.length) return;
    const id = this.keepId(element, elementId);
    if (id === undefined) return;
    const entry = this.entries++;
    this.previousEntry[entry] = this.lastEntry[position]!;
    this.elements[entry] = element;
    this.ids[entry] = id;
    this.lastEntry[position] = entry + 1;
  }

  countAt(position: number): number {
    return this.counts[position] ?? 0;
  }

  /** The kept elements, in the order of the delivery. */
  elementsAt(position: number): NamingElement[] {
    const found: NamingElement[] = [];
    for (let next = this.lastEntry[position] ?? 0; next > 0; next = this.previousEntry[next - 1]!)
      found.push({ element: this.elements[next - 1]!, elementId: this.idAt(this.ids[next - 1]!) });
    return found.toReversed();
  }

  /**
   * Consecutive entries of one element share its id: one element may name many labels.
   * @returns the id's offset, or undefined when there is no room.
   */
  private keepId(element: number, elementId: string): number | undefined {
    if (this.entries > 0 && this.elements[this.entries - 1] === element) return this.ids[this.entries - 1];
    const json = `${JSON.stringify(elementId)}\n`;
    const bytes = Buffer.byteLength(json, 'utf8');
    if (bytes > maxIdBytes) return undefined;
    const inSlab = this.idEnd % slabBytes;
    const start = inSlab + bytes > slabBytes ? this.idEnd - inSlab + slabBytes : this.idEnd;
    if (start + bytes > maxAllIdBytes) return undefined;
    const slab = (this.slabs[Math.floor(start / slabBytes)] ??= Buffer.allocUnsafeSlow(slabBytes));
    slab.write(json, start % slabBytes, 'utf8');
    this.idEnd = start + bytes;
    return start;
  }

  private idAt(start: number): string {
    const slab = this.slabs[Math.floor(start / slabBytes)]!;
    const from = start % slabBytes;
    return JSON.parse(slab.toString('utf8', from, slab.indexOf(lineEnd, from))) as string;
  }
}
