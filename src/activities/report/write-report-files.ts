import { createHash } from 'node:crypto';
import type { AttemptRef } from '../../domain/attempt-ref';
import type { LeftOut } from '../../domain/plan';
import { ChangedFile } from '../../payloads/changed-file';
import { reportCsvKey, reportKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { ContentHash, formatCsvHash } from '../../payloads/report-content';
import {
  formatFirstLine,
  formatOtherLines,
  readReportHead,
  type ReportHead,
} from '../../payloads/report-head';
import { type StagedFile, stageFile } from '../stage-file';
import { csvHeader, csvRowOfLabel, csvRowOfLeftOut } from './csv-columns';
import type { ReportedLabel } from './reported-labels';

/** The content of a report, in the order in which it is written. */
export interface ReportContent {
  readonly head: ReportHead;
  readonly labels: AsyncIterable<ReportedLabel>;
  readonly leftOut: AsyncIterable<LeftOut>;
}

/**
 * Streams a report into `report.json` and `report.csv`. The JSON has one line for each key of the head,
 * `requests` first, then one line for each label: readers get the head, and add a request to it, without
 * parsing the labels.
 * @returns false when the attempt has a report, which then stays as it is: an earlier try of this activity may
 *   wake up after a later one has written it. An unreadable report is replaced.
 */
export async function writeReportFiles(
  store: PayloadStore,
  ref: AttemptRef,
  { head, labels, leftOut }: ReportContent,
): Promise<boolean> {
  const staged: StagedFile[] = [];
  try {
    const json = await stageFile(store);
    staged.push(json);
    const csv = await stageFile(store);
    staged.push(csv);
    await json.write(formatFirstLine(head));
    const hash = new ContentHash();
    const write = (lines: string) => (hash.update(lines), json.write(lines));
    await write(formatOtherLines(head));
    const csvHash = createHash('sha256');
    const writeCsv = (rows: string) => (csvHash.update(rows, 'utf8'), csv.write(rows));
    await writeCsv(csvHeader());
    await writeAll(write, writeCsv, labels, csvRowOfLabel);
    await write('],\n"leftOut":[\n');
    await writeAll(write, writeCsv, leftOut, csvRowOfLeftOut);
    await write('],\n');
    await write(formatCsvHash(csvHash.digest('hex')));
    await json.write(hash.lastLine());
    const existing = await findReport(store, ref);
    if (existing === 'readable') return false;
    await csv.commit(reportCsvKey(ref));
    // report.json last: an attempt with report.json has both
    if (existing === 'none') return await json.commitIfAbsent(reportKey(ref));
    await json.commit(reportKey(ref));
    return true;
  } finally {
    await Promise.all(staged.map((file) => file.discard()));
  }
}

async function findReport(store: PayloadStore, ref: AttemptRef): Promise<'none' | 'readable' | 'changed'> {
  try {
    return (await readReportHead(store, ref)) ? 'readable' : 'none';
  } catch (error) {
    if (error instanceof ChangedFile) return 'changed';
    throw error;
  }
}

async function writeAll<T>(
  write: (json: string) => Promise<void>,
  writeCsv: (rows: string) => Promise<void>,
  values: AsyncIterable<T>,
  csvRow: (value: T) => string,
): Promise<void> {
  let comma = '';
  for await (const value of values) {
    await write(`${comma}${JSON.stringify(value)}`);
    await writeCsv(csvRow(value));
    comma = ',\n';
  }
  if (comma !== '') await write('\n');
}
