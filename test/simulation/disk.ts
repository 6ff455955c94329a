import type { Random } from '../support/seeded-random';
import type { Timeline } from './timeline';

/** What the disk does to a reading or writing while a fault lasts. */
export interface DiskFault {
  /** E.g. ENOSPC. */
  readonly code: string;
  /** How likely it fails, from 0 to 1. */
  readonly probability: number;
  readonly onlyWrites: boolean;
}

/** Undoes a change that is not on the disk yet. */
interface Unsynced {
  readonly key: string;
  undo(): void;
}

export type Synced = Promise<void> | undefined;

/** The time between a change and its sync, in ms. */
const syncMs = 5;

/**
 * The disk that all machines share: files by key. A change is visible at once. Power loss may undo what was not
 * synced.
 */
export class Disk {
  readonly files = new Map<string, Buffer>();
  /** What a file contained before its last change. */
  readonly earlier = new Map<string, Buffer>();
  /** Keys of files that someone else changed or removed, with what was done. */
  readonly damaged = new Map<string, string>();
  fault: DiskFault | undefined;
  /** Epoch ms. The disk answers nothing before. */
  hangsUntil = 0;
  /** For the planted fault: folders are never synced. */
  syncsFolders = true;
  private unsynced: Unsynced[] = [];

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly onWrite: (key: string, bytes: Buffer) => void = () => undefined,
  ) {}

  /** @throws the fault's error, as the file system would. */
  failIfFaulty(isWrite: boolean): void {
    const { fault } = this;
    if (!fault || (fault.onlyWrites && !isWrite) || !this.random.chance(fault.probability)) return;
    throw Object.assign(new Error(`${fault.code}: simulated`), { code: fault.code });
  }

  /** In ms. How long the disk gives no answer; undefined when it does not hang. */
  delay(): number | undefined {
    const ms = this.hangsUntil - this.timeline.now;
    return ms > 0 ? ms + this.random.integer(1, syncMs) : undefined;
  }

  /** Someone else changes or removes a file: a person, another program or the disk itself. */
  damage(key: string, how: string, bytes: Buffer | undefined): void {
    this.damaged.set(key, how);
    this.restore(key, bytes);
  }

  /** Gives the file these bytes. @returns when the change is synced; undefined if it is already. */
  write(key: string, bytes: Buffer): Synced {
    const before = this.files.get(key);
    this.put(key, before, bytes);
    return this.sync(key, () => this.restore(key, before));
  }

  /** Writes into the file in place: after power loss it may begin with new bytes and end with old ones. */
  overwrite(key: string, bytes: Buffer): Synced {
    const before = this.files.get(key)!;
    this.put(key, before, bytes);
    return this.sync(key, () => {
      const written = this.random.integer(0, bytes.length);
      const torn = Buffer.concat([bytes.subarray(0, written), before.subarray(written)]);
      if (this.files.has(key)) this.files.set(key, torn);
    });
  }

  remove(key: string): Synced {
    const before = this.files.get(key);
    if (!before) return undefined;
    this.files.delete(key);
    return this.sync(key, () => this.restore(key, before));
  }

  /** Sorted names directly below a folder. */
  list(prefix: string): string[] {
    const names = new Set<string>();
    for (const key of this.files.keys()) {
      if (!key.startsWith(prefix)) continue;
      const end = key.indexOf('/', prefix.length);
      names.add(key.slice(prefix.length, end === -1 ? undefined : end));
    }
    return [...names].sort();
  }

  /** Each change that is not synced survives or not, by chance. */
  losePower(): void {
    for (const change of this.unsynced.reverse()) if (this.random.chance(0.5)) change.undo();
    this.unsynced = [];
  }

  private put(key: string, before: Buffer | undefined, bytes: Buffer): void {
    if (before) this.earlier.set(key, before);
    else this.earlier.delete(key);
    this.files.set(key, bytes);
    this.onWrite(key, bytes);
  }

  private sync(key: string, undo: () => void): Synced {
    if (this.syncsFolders && this.random.chance(0.8)) return undefined;
    const change = { key, undo };
    this.unsynced.push(change);
    if (!this.syncsFolders) return undefined;
    return new Promise((resolve) => {
      this.timeline.after(syncMs, `disk: synced ${key}`, () => {
        this.unsynced = this.unsynced.filter((other) => other !== change);
        resolve();
      });
    });
  }

  private restore(key: string, before: Buffer | undefined): void {
    if (before) this.files.set(key, before);
    else this.files.delete(key);
  }
}
