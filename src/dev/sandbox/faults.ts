import type { Fault } from './fault';

/** The part of a call that decides which faults apply to it. */
export interface FaultTarget {
  /** False for a query, such as a health check. Only `refuse-key` applies to queries. */
  readonly isMutation: boolean;
  readonly labelIds: readonly string[];
}

/** The combined effect of all faults that apply to one call. */
interface FaultEffect {
  readonly delayMs: number;
  /** Subtracted from the count in the answer. */
  readonly undercount: number;
  /** The fault that ends the call. If undefined, the sandbox answers normally. */
  readonly ending: Fault | undefined;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** Counts a call to the endpoint, even if the call is refused. */
  countCall(): void;
  /** The calls since the start, and how often each fault was applied. A used-up fault stays in the list. */
  summary(): { readonly calls: number; readonly faults: readonly (Fault & { readonly hits: number })[] };
  /**
   * Applies the faults in the order in which they were added. `slow` and `undercount` add up. The first fault
   * of another kind ends the call.
   */
  apply(call: FaultTarget): FaultEffect;
}

interface Entry {
  readonly fault: Fault;
  /** Undefined for a fault of all labels. */
  readonly labelIds: ReadonlySet<string> | undefined;
  hits: number;
}

/** Keeps the faults only in memory. */
export function createFaults(): Faults {
  let calls = 0;
  let entries: Entry[] = [];
  return {
    add: (fault) => void entries.push({ fault, labelIds: labelIdsOf(fault), hits: 0 }),
    clear: () => {
      entries = [];
    },
    countCall: () => {
      calls += 1;
    },
    summary: () => ({ calls, faults: entries.map(({ fault, hits }) => ({ ...fault, hits })) }),
    apply: (call) => applyFaults(entries, call),
  };
}

function applyFaults(entries: readonly Entry[], call: FaultTarget): FaultEffect {
  let delayMs = 0;
  let undercount = 0;
  for (const entry of entries) {
    if (!appliesTo(entry, call)) continue;
    const { fault } = entry;
    entry.hits += 1;
    delayMs += fault.delayMs;
    if (fault.kind === 'undercount') undercount += fault.by;
    else if (fault.kind !== 'slow') return { delayMs, undercount, ending: fault };
  }
  return { delayMs, undercount, ending: undefined };
}

function labelIdsOf(fault: Fault): ReadonlySet<string> | undefined {
  return 'labelIds' in fault && fault.labelIds !== undefined ? new Set(fault.labelIds) : undefined;
}

function appliesTo({ fault, labelIds, hits }: Entry, call: FaultTarget): boolean {
  if (hits >= (fault.times ?? Infinity)) return false;
  if (fault.kind === 'refuse-key') return true;
  return (
    call.isMutation && (labelIds === undefined || call.labelIds.some((labelId) => labelIds.has(labelId)))
  );
}
