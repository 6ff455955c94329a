import { type LineFile, openLineFile } from './line-file';

/** One executed mutation. */
export interface LedgerEntry {
  readonly projectId: string;
  /** As received. */
  readonly labelIds: readonly string[];
  /** The labels that existed until this mutation, each once. */
  readonly applied: readonly string[];
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
  /** When it was executed, ISO 8601. */
  readonly at: string;
}

export type LabelsTaken = Omit<LedgerEntry, 'applied' | 'at'>;

export interface Ledger {
  /** The entries on disk, in the order of their execution. */
  readonly entries: readonly LedgerEntry[];
  /**
   * Takes labels from a project. A label exists until it is taken for the first time. Resolves when the entry
   * is durable.
   */
  take(call: LabelsTaken): Promise<LedgerEntry>;
  close(): Promise<void>;
}

/**
 * Records what the sandbox executed: in memory, and with `file` also on disk, one JSON line for each entry,
 * so that a restarted sandbox knows every mutation that it answered.
 *
 * @throws {Error} that names file and line when a line is not a ledger entry.
 */
export async function openLedger(file: string | undefined): Promise<Ledger> {
  const entries: LedgerEntry[] = [];
  const labels = createLabels();
  const restore = (line: string, number: number): void => {
    const entry = parseEntry(line, `${file}:${number}`);
    labels.take(entry.projectId, entry.applied);
    entries.push(entry);
  };
  const lines: LineFile | undefined = file === undefined ? undefined : await openLineFile(file, restore);
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

/** The taken labels of each project. */
function createLabels() {
  const goneByProject = new Map<string, Set<string>>();
  return {
    /**
     * @returns the labels that existed; the same array when all did, so that a large ledger holds them once.
     */
    take(projectId: string, labelIds: readonly string[]): readonly string[] {
      const gone = goneByProject.get(projectId) ?? new Set<string>();
      goneByProject.set(projectId, gone);
      const taken = labelIds.filter((labelId) => !gone.has(labelId) && gone.add(labelId));
      return taken.length === labelIds.length ? labelIds : taken;
    },
    giveBack(projectId: string, labelIds: readonly string[]): void {
      for (const labelId of labelIds) goneByProject.get(projectId)?.delete(labelId);
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
      `${place} is not an entry of a sandbox ledger; move the file away to start with an empty ledger.`,
      { cause: error },
    );
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
