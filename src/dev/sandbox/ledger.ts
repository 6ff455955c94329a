import { type LineFile, openLineFile } from './line-file';

/** One executed mutation. */
export interface LedgerEntry {
  readonly projectId: string;
  /** All label ids of the mutation, as received. */
  readonly labelIds: readonly string[];
  /** The labels that this mutation deleted, each once. */
  readonly applied: readonly string[];
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
  /** The time of execution, ISO 8601. */
  readonly at: string;
}

export type DeleteMutation = Omit<LedgerEntry, 'applied' | 'at'>;

export interface Ledger {
  /** The durable entries, in the order in which they were executed. */
  readonly entries: readonly LedgerEntry[];
  /**
   * Deletes labels of a project. Every label id exists until it is deleted for the first time. Resolves when
   * the entry is durable.
   */
  execute(mutation: DeleteMutation): Promise<LedgerEntry>;
  close(): Promise<void>;
}

/**
 * Records the executed mutations in memory. If `file` is set, also writes them to disk, one JSON line per
 * entry, so that a restarted sandbox still has every mutation that it answered.
 *
 * @throws {Error} when a line is not a ledger entry. The message contains the file and the line number.
 */
export async function openLedger(file: string | undefined): Promise<Ledger> {
  const entries: LedgerEntry[] = [];
  const labels = createDeletedLabels();
  const restoreEntry = (line: string, number: number): void => {
    const entry = parseEntry(line, `${file}:${number}`);
    labels.delete(entry.projectId, entry.applied);
    entries.push(entry);
  };
  const lines: LineFile | undefined = file === undefined ? undefined : await openLineFile(file, restoreEntry);
  return {
    entries,
    execute: async (mutation) => {
      const entry: LedgerEntry = {
        ...mutation,
        applied: labels.delete(mutation.projectId, mutation.labelIds),
        at: new Date().toISOString(),
      };
      try {
        await lines?.append(JSON.stringify(entry));
      } catch (error) {
        labels.undelete(mutation.projectId, entry.applied);
        throw error;
      }
      entries.push(entry);
      return entry;
    },
    close: async () => lines?.close(),
  };
}

function createDeletedLabels() {
  const deletedByProject = new Map<string, Set<string>>();
  return {
    /**
     * @returns the labels that still existed. If all did, returns `labelIds` itself, so that a large ledger
     *   keeps only one array of them.
     */
    delete(projectId: string, labelIds: readonly string[]): readonly string[] {
      const deleted = deletedByProject.get(projectId) ?? new Set<string>();
      deletedByProject.set(projectId, deleted);
      const applied = labelIds.filter((labelId) => !deleted.has(labelId) && deleted.add(labelId));
      return applied.length === labelIds.length ? labelIds : applied;
    },
    undelete(projectId: string, labelIds: readonly string[]): void {
      for (const labelId of labelIds) deletedByProject.get(projectId)?.delete(labelId);
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
      `${place} is not a sandbox ledger entry; move the file elsewhere to start with an empty ledger.`,
      { cause: error },
    );
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
