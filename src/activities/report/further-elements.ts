/** An element of a delivery that names a label. */
export interface NamingElement {
  /** Its index in the delivery, from 0. */
  readonly element: number;
  readonly elementId: string;
}

/** Elements kept of one label; of all of them the number. */
const mostOfALabel = 100;
/** Elements kept of all labels: as many as a delivery may have. */
const mostOfAll = 2_000_000;
/** A longer id, as JSON, is not kept. */
const longestIdBytes = 4096;
/** Room for the ids of two million elements that are UUIDs. */
const idBytes = 80 * 1024 * 1024;
const slabBytes = 1024 * 1024;
const lineEnd = 0x0a; // no JSON text has one

/**
 * Which elements besides the first name each label of a plan: for millions, in a few numbers an element and
 * the bytes of its id outside of the heap. What is over a bound is counted and not kept.
 */
export class FurtherElements {
  private readonly counts: Uint32Array;
  /** By label: 1 + the last of its entries; 0 when it has none. */
  private readonly last: Uint32Array;
  /** By entry: 1 + the entry before it of the same label, the element, and where its id begins. */
  private readonly before: Uint32Array;
  private readonly elements: Uint32Array;
  private readonly ids: Uint32Array;
  private readonly slabs: Buffer[] = [];
  private entries = 0;
  private idEnd = 0;

  /** @param notes how many there will be, at most. */
  constructor(labels: number, notes: number) {
    const [places, room] = notes === 0 ? [0, 0] : [labels, Math.min(notes, mostOfAll)];
    this.counts = new Uint32Array(places);
    this.last = new Uint32Array(places);
    this.before = new Uint32Array(room);
    this.elements = new Uint32Array(room);
    this.ids = new Uint32Array(room);
  }

  /** @param position of the label in the plan, from 0. */
  add(position: number, { element, elementId }: NamingElement): void {
    const count = this.countOf(position) + 1;
    this.counts[position] = count;
    if (count > mostOfALabel || this.entries === this.elements.length) return;
    const id = this.keepId(element, elementId);
    if (id === undefined) return;
    const entry = this.entries++;
    this.before[entry] = this.last[position]!;
    this.elements[entry] = element;
    this.ids[entry] = id;
    this.last[position] = entry + 1;
  }

  countOf(position: number): number {
    return this.counts[position] ?? 0;
  }

  /** Those that were kept, in the order of the delivery. */
  of(position: number): NamingElement[] {
    const found: NamingElement[] = [];
    for (let next = this.last[position] ?? 0; next > 0; next = this.before[next - 1]!)
      found.push({ element: this.elements[next - 1]!, elementId: this.idAt(this.ids[next - 1]!) });
    return found.toReversed();
  }

  /** Where the id begins now. One element may name many labels, one after the other. */
  private keepId(element: number, elementId: string): number | undefined {
    if (this.entries > 0 && this.elements[this.entries - 1] === element) return this.ids[this.entries - 1];
    const json = `${JSON.stringify(elementId)}\n`;
    const bytes = Buffer.byteLength(json, 'utf8');
    if (bytes > longestIdBytes) return undefined;
    const inSlab = this.idEnd % slabBytes;
    const start = inSlab + bytes > slabBytes ? this.idEnd - inSlab + slabBytes : this.idEnd;
    if (start + bytes > idBytes) return undefined;
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
