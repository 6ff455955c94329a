import { createHash } from 'node:crypto';

/** What happened, in order. */
export class Trace {
  private readonly hash = createHash('sha256');
  /** Absent unless the trace is to be printed. */
  readonly lines: string[] | undefined;

  constructor({ keep }: { readonly keep: boolean }) {
    this.lines = keep ? [] : undefined;
  }

  add(at: number, what: string): void {
    const line = `${at} ${what}`;
    this.hash.update(line);
    this.lines?.push(line);
  }

  /** Equal for two runs that did the same. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }
}
