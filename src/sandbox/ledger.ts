import { appendFile, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One mutation that was carried out. */
export interface LedgerEntry {
  readonly projectId: string;
  /** As sent. */
  readonly labelIds: readonly string[];
  /** Those that had an effect: not gone before. */
  readonly applied: readonly string[];
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
  readonly at: string;
}

/** What the sandbox received. With a file it is on disk before the sandbox answers, and read again at the next start. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  private readonly gone = new Set<string>();
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly file: string | undefined) {}

  /** Reads what an earlier sandbox kept; a torn last line is left out. */
  async load(): Promise<void> {
    if (!this.file) return;
    await mkdir(dirname(this.file), { recursive: true });
    const text = await readFile(this.file, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(0, -1)) this.keep(JSON.parse(line) as LedgerEntry);
    await appendFile(this.file, '');
  }

  /** Takes labels of a project: an unknown id counts as existing the first time it is named, then as gone. */
  async take(call: Omit<LedgerEntry, 'applied' | 'at'>): Promise<LedgerEntry> {
    const applied = [...new Set(call.labelIds)].filter((labelId) => !this.gone.has(keyOf(call.projectId, labelId)));
    const entry = { ...call, applied, at: new Date().toISOString() };
    this.keep(entry);
    this.writing = this.writing.then(() => this.write(entry));
    await this.writing;
    return entry;
  }

  private keep(entry: LedgerEntry): void {
    this.entries.push(entry);
    for (const labelId of entry.applied) this.gone.add(keyOf(entry.projectId, labelId));
  }

  private async write(entry: LedgerEntry): Promise<void> {
    if (!this.file) return;
    const file = await open(this.file, 'a');
    try {
      await file.write(`${JSON.stringify(entry)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

function keyOf(projectId: string, labelId: string): string {
  return JSON.stringify([projectId, labelId]);
}
