import { type LineFile, openLineFile } from './line-file';

/** One mutation that was carried out. */
export interface LedgerEntry {
  readonly projectId: string;
  /** As sent. */
  readonly labelIds: readonly string[];
  /** Those that had an effect: not gone before, each once. */
  readonly applied: readonly string[];
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
  /** When it was carried out, ISO 8601. */
  readonly at: string;
}

export type LabelsTaken = Omit<LedgerEntry, 'applied' | 'at'>;

export interface Ledger {
  /** What is on disk, in the order it was carried out. */
  readonly entries: readonly LedgerEntry[];
  /**
   * Takes labels of a project: an unknown id counts as existing the first time it is named, then as gone. Resolves when the
   * entry is kept.
   */
  take(call: LabelsTaken): Promise<LedgerEntry>;
  close(): Promise<void>;
}

/**
 * What the sandbox received: in memory, and with `file` on disk too, one JSON line an entry, so that a sandbox that is killed and
 * started again knows what it answered for.
 *
 * @throws {Error} naming file and line when a line of it is no ledger entry.
 */
export async function openLedger(file: string | undefined): Promise<Ledger> {
  const entries: LedgerEntry[] = [];
  const labels = createLabels();
  const keepRead = (line: string, number: number): void => {
    const entry = parseEntry(line, `${file}:${number}`);
    labels.take(entry.projectId, entry.applied);
    entries.push(entry);
  };
  const lines: LineFile | undefined = file === undefined ? undefined : await openLineFile(file, keepRead);
  return {
    entries,
    take: async (call) => {
      const entry: LedgerEntry = {
        ...call,
        applied: labels.take(call.projectId, call.labelIds),
        at: new Date().toISOString(),
      };
      try {
        await lines?.append(JSON.stringify(entry));
      } catch (error) {
        labels.giveBack(call.projectId, entry.applied);
        throw error;
      }
      entries.push(entry);
      return entry;
    },
    close: async () => lines?.close(),
  };
}

/** Which labels of which project are gone. */
function createLabels() {
  const goneOf = new Map<string, Set<string>>();
  return {
    /** Those that were there; the same array when all were, so that a ledger of many labels lists them once. */
    take(projectId: string, labelIds: readonly string[]): readonly string[] {
      const gone = goneOf.get(projectId) ?? new Set<string>();
      goneOf.set(projectId, gone);
      const taken = labelIds.filter((labelId) => !gone.has(labelId) && gone.add(labelId));
      return taken.length === labelIds.length ? labelIds : taken;
    },
    giveBack(projectId: string, labelIds: readonly string[]): void {
      for (const labelId of labelIds) goneOf.get(projectId)?.delete(labelId);
    },
  };
}

function parseEntry(line: string, place: string): LedgerEntry {
  try {
    const entry = JSON.parse(line) as LedgerEntry;
    if (typeof entry.projectId !== 'string' || !isStrings(entry.labelIds) || !isStrings(entry.applied))
      throw new TypeError('not a ledger entry');
    return entry.applied.length === entry.labelIds.length ? { ...entry, applied: entry.labelIds } : entry;
  } catch (error) {
    throw new Error(
      `${place} is no entry of a sandbox ledger; move the file away to start with an empty one.`,
      { cause: error },
    );
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
