import { createHash } from 'node:crypto';

/** Characters that are hashed at once: many small updates are slow. */
const batch = 64 * 1024;

/** What happened, in order. */
export class Trace {
  private readonly hash = createHash('sha256');
  private unhashed = '';
  /** Absent unless the trace is to be printed. */
  readonly lines: string[] | undefined;

  constructor({ keep }: { readonly keep: boolean }) {
    this.lines = keep ? [] : undefined;
  }

  add(at: number, what: string): void {
    const line = `${at} ${what}`;
    this.unhashed += `${line}\n`;
    if (this.unhashed.length > batch) this.hashLines();
    this.lines?.push(line);
  }

  /** Equal for two runs that did the same. */
  digest(): string {
    this.hashLines();
    return this.hash.copy().digest('hex');
  }

  private hashLines(): void {
    this.hash.update(this.unhashed);
    this.unhashed = '';
  }
}
