import { z } from 'zod';

/** A fault that somebody asked the sandbox for. */
export const faultSchema = z.strictObject({
  /**
   * `status`: answers with `status` and no effect; `graphql-error`: 200 with an error of `code`; `refuse-key`: 401;
   * `poison`: refuses every call that names one of `labelIds` (400); `reset-before`, `reset-after`: cuts the connection, without or
   * with the effect; `hang-after`: has the effect and never answers; `not-json`: has the effect and answers half a reply;
   * `undercount`: has the effect and counts one too few; `slow`: waits `delayMs`, then goes on.
   */
  kind: z.enum([
    'status',
    'graphql-error',
    'refuse-key',
    'poison',
    'reset-before',
    'reset-after',
    'hang-after',
    'not-json',
    'undercount',
    'slow',
  ]),
  /** Calls it strikes; absent: every one until the faults are cleared. */
  times: z.int().positive().optional(),
  status: z.int().min(400).max(599).default(503),
  /** Retry-After of a `status`, in seconds. */
  retryAfter: z.int().nonnegative().optional(),
  code: z.string().optional(),
  exceptionStatus: z.int().optional(),
  labelIds: z.array(z.string()).default([]),
  delayMs: z.int().nonnegative().max(600_000).default(1000),
});

export type Fault = z.infer<typeof faultSchema>;

/** Faults in force, and how often each struck. */
export class Faults {
  calls = 0;
  private list: { fault: Fault; hits: number }[] = [];

  add(fault: Fault): void {
    this.list.push({ fault, hits: 0 });
  }

  clear(): void {
    this.list = [];
  }

  shown() {
    return { calls: this.calls, faults: this.list.map(({ fault, hits }) => ({ ...fault, hits })) };
  }

  /** The faults that strike a call naming these labels; counts the hits. */
  strike(labelIds: readonly string[]): Fault[] {
    const struck = this.list.filter(({ fault, hits }) => hits < (fault.times ?? Infinity) && concerns(fault, labelIds));
    for (const entry of struck) entry.hits += 1;
    return struck.map(({ fault }) => fault);
  }
}

function concerns(fault: Fault, labelIds: readonly string[]): boolean {
  return fault.kind !== 'poison' || fault.labelIds.some((labelId) => labelIds.includes(labelId));
}
