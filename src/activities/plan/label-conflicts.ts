import type { Element } from '../../domain/element';
import type { LabelConflict } from '../../domain/plan-summary';
import { formatNumber } from '../../text/format-number';
import type { SelectedLabel } from './select-labels';

/** How the messages describe the labels that have a conflict, in the order in which a plan lists them. */
const conflicts = {
  'different-classes': () => 'with different classes',
  'several-frames': () => 'in several frames',
  'several-labels': (place: string) => `at ${place} for several labels of Aquarium`,
} as const satisfies Record<LabelConflict['warning'], (place: string) => string>;

type Conflict = LabelConflict['warning'];
const names = Object.keys(conflicts) as Conflict[];

/**
 * Counts the labels of a plan whose elements disagree about what the label is. Built for millions of labels:
 * each needs 13 bytes, because names are compared by a 32-bit hash. Two names with the same hash only hide a
 * warning.
 */
export class LabelConflicts {
  /** For each kind of conflict, the hash of the first known name of each label; 0 while none is known. */
  private readonly firstNames = names.map(() => new Uint32Array(1024));
  /** For each label, a bit for each kind of conflict that it has. */
  private found = new Uint8Array(1024);
  private readonly counts = names.map(() => 0);

  /** @param place the route's `labelId`. */
  constructor(private readonly place: string) {}

  /** @param position of the label in the plan, from 0, also when an earlier element put it there. */
  add(position: number, { className, source }: SelectedLabel, { frameId }: Element): void {
    this.makeRoom(position);
    this.compare('different-classes', position, className);
    this.compare('several-frames', position, frameId);
    if (this.place !== 'uuid') this.compare('several-labels', position, source.uuid);
  }

  get warnings(): LabelConflict[] {
    return names
      .map((warning, kind) => ({
        warning,
        labels: this.counts[kind]!,
        message: this.describe(warning, kind),
      }))
      .filter(({ labels }) => labels > 0);
  }

  private describe(warning: Conflict, kind: number): string {
    const labels = this.counts[kind]!;
    const where = conflicts[warning](this.place);
    return labels === 1
      ? `1 label id occurs ${where}. It counts as one label, which is sent once.`
      : `${formatNumber(labels)} label ids occur ${where}. Each counts as one label, which is sent once.`;
  }

  private compare(warning: Conflict, position: number, name: unknown): void {
    if (typeof name !== 'string' || name === '') return;
    const kind = names.indexOf(warning);
    const firstNames = this.firstNames[kind]!;
    const hash = hashName(name);
    if (firstNames[position] === 0) firstNames[position] = hash;
    if (firstNames[position] === hash || (this.found[position]! & (1 << kind)) !== 0) return;
    this.found[position]! |= 1 << kind;
    this.counts[kind]! += 1;
  }

  private makeRoom(position: number): void {
    if (position < this.found.length) return;
    const size = Math.ceil(this.found.length * 1.5); // positions come one after the other
    this.found = copyInto(new Uint8Array(size), this.found);
    for (const [kind, hashes] of this.firstNames.entries())
      this.firstNames[kind] = copyInto(new Uint32Array(size), hashes);
  }
}

function copyInto<T extends Uint8Array | Uint32Array>(larger: T, smaller: T): T {
  larger.set(smaller);
  return larger;
}

/** FNV-1a over UTF-16. Never 0. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 0 || 1;
}
