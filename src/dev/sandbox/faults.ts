import type { Fault } from './fault';

/** What a call is, as far as faults care. */
export interface StruckCall {
  /** False for a query, such as a health check: it uses up no fault but `refuse-key`. */
  readonly isMutation: boolean;
  readonly labelIds: readonly string[];
}

/** What strikes one call. */
export interface Strike {
  readonly delayMs: number;
  /** Labels to leave out of the count. */
  readonly undercount: number;
  /** The fault that decides how the call ends; undefined: it is answered. */
  readonly ending: Fault | undefined;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** Counts a call to the endpoint, refused ones too. */
  countCall(): void;
  /** Calls since the start, and the faults with how often each struck; a spent one stays in the list. */
  shown(): { readonly calls: number; readonly faults: readonly (Fault & { readonly hits: number })[] };
  /** The faults that strike this call, in the order they were asked for: `slow` and `undercount` add up, the first other one ends it. */
  strike(call: StruckCall): Strike;
}

interface Entry {
  readonly fault: Fault;
  readonly poisoned: ReadonlySet<string>;
  hits: number;
}

/** Faults in force; kept in memory only. */
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
    shown: () => ({ calls, faults: entries.map(({ fault, hits }) => ({ ...fault, hits })) }),
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
