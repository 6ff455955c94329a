import type { Fault } from './fault';

/** The part of a call that decides which faults strike it. */
export interface StruckCall {
  /** False for a query, such as a health check. Only `refuse-key` strikes a query. */
  readonly isMutation: boolean;
  readonly labelIds: readonly string[];
}

/** The sum of the faults that strike one call. */
interface Strike {
  readonly delayMs: number;
  /** Subtracted from the count in the answer. */
  readonly undercount: number;
  /** The fault that decides how the call ends; undefined: the sandbox answers normally. */
  readonly ending: Fault | undefined;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** Counts a call to the endpoint, also a refused call. */
  countCall(): void;
  /** The calls since the start, and for each fault how often it struck. A used-up fault stays in the list. */
  summary(): { readonly calls: number; readonly faults: readonly (Fault & { readonly hits: number })[] };
  /**
   * Applies the faults in the order they were added: `slow` and `undercount` add up, the first other fault
   * ends the call.
   */
  strike(call: StruckCall): Strike;
}

interface Entry {
  readonly fault: Fault;
  readonly poisoned: ReadonlySet<string>;
  hits: number;
}

/** Keeps the faults in memory only. */
export function createFaults(): Faults {
  let calls = 0;
  let entries: Entry[] = [];
  return {
    add: (fault) =>
      void entries.push({ fault, poisoned: new Set(fault.kind === 'poison' ? fault.labelIds : []), hits: 0 }),
    clear: () => {
      entries = [];
    },
    countCall: () => {
      calls += 1;
    },
    summary: () => ({ calls, faults: entries.map(({ fault, hits }) => ({ ...fault, hits })) }),
    strike: (call) => strike(entries, call),
  };
}

function strike(entries: readonly Entry[], call: StruckCall): Strike {
  let delayMs = 0;
  let undercount = 0;
  for (const entry of entries) {
    if (!strikes(entry, call)) continue;
    const { fault } = entry;
    entry.hits += 1;
    delayMs += fault.delayMs;
    if (fault.kind === 'undercount') undercount += fault.by;
    else if (fault.kind !== 'slow') return { delayMs, undercount, ending: fault };
  }
  return { delayMs, undercount, ending: undefined };
}

function strikes({ fault, poisoned, hits }: Entry, { isMutation, labelIds }: StruckCall): boolean {
  if (hits >= (fault.times ?? Infinity)) return false;
  if (fault.kind === 'refuse-key') return true;
  return isMutation && (fault.kind !== 'poison' || labelIds.some((labelId) => poisoned.has(labelId)));
}
