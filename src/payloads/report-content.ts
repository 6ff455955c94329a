import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import { isLabelOutcome, type LabelOutcome } from '../domain/label-outcome';
import { ChangedFile } from './changed-file';
import { reportCsvKey, reportKey } from './keys';
import type { PayloadStore } from './payload-store';
import { readLines } from './read-lines';
import { headHashName, labelsLine, type ReportHead } from './report-head';
import { readBytes } from './small-objects';

/** What a report says about one of its labels; it says more than this. */
export interface StoredLabel {
  readonly labelId: string;
  readonly outcome: LabelOutcome | 'withheld';
  /** ISO 8601. */
  readonly at?: string;
}

const hashName = 'contentSha256';
const csvHashName = 'csvSha256';

/**
 * Hashes all lines of a report but the first, which may change, and the last, which has the hash. Reports of
 * earlier versions have no hash.
 */
export class ContentHash {
  private readonly hash = createHash('sha256');

  update(lines: string): void {
    this.hash.update(lines, 'utf8');
  }

  /** The last line of the report. */
  lastLine(): string {
    return formatLastLine(this.hash.digest('hex'));
  }
}

/** The last line but one: the hash of `report.csv`. */
export function formatCsvHash(sha256: string): string {
  return `"${csvHashName}":"${sha256}",\n`;
}

function formatLastLine(sha256: string): string {
  return `"${hashName}":"${sha256}"}\n`;
}

const noHash = '0'.repeat(64);
const lastLineBytes = formatLastLine(noHash).length;
const lastLinesBytes = lastLineBytes + formatCsvHash(noHash).length;

/**
 * Hashes a report, without parsing it.
 * @returns false when the file is not as it was written; true also for a report of an earlier version.
 * @throws {PayloadNotFound}
 */
export async function isReportUnchanged(
  store: PayloadStore,
  ref: AttemptRef,
  form: 'json' | 'csv',
): Promise<boolean> {
  const key = reportKey(ref);
  const size = await store.size(key);
  const start = Math.max(0, size - lastLinesBytes);
  const end = (await readBytes(store, key, { start, end: size })).toString('utf8');
  const known = lastLines.exec(end);
  if (!known) return !(await hasHash(store, ref));
  const [, csvSha256, contentSha256] = known;
  const content = afterFirstLine(store.read(key, { start: 0, end: size - lastLineBytes }));
  if ((await hashOf(content)) !== contentSha256) return false;
  return form === 'json' || (await hashOf(store.read(reportCsvKey(ref)))) === csvSha256;
}

const lastLines = new RegExp(`^"${csvHashName}":"([0-9a-f]{64})",\n"${hashName}":"([0-9a-f]{64})"}\n$`);

/** False for a report of an earlier version: its first line has no hash either. */
async function hasHash(store: PayloadStore, ref: AttemptRef): Promise<boolean> {
  for await (const line of readLines(store.read(reportKey(ref)))) return line.includes(`"${headHashName}":`);
  return true;
}

/** The bytes behind the first line feed. */
export async function* afterFirstLine(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isAfter = false;
  for await (const chunk of chunks) {
    const end: number = isAfter ? -1 : chunk.indexOf(0x0a);
    if (isAfter || end >= 0) yield chunk.subarray(end + 1);
    isAfter ||= end >= 0;
  }
}

async function hashOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * Reads the labels of a report. The hash is known only after the last line: don't use the labels until the
 * generator has finished without an error. A report of an earlier version has no hash: it counts as unchanged if
 * it has as many labels as its head says.
 * @throws {PayloadNotFound}
 * @throws {ChangedFile} when the report was changed.
 */
export async function* readReportLabels(
  store: PayloadStore,
  head: AttemptRef & Pick<ReportHead, 'counts'>,
): AsyncGenerator<StoredLabel> {
  const hash = new ContentHash();
  let part: 'head' | 'labels' | 'rest' = 'head';
  let lines = 0;
  let labels = 0;
  let isHashed = true;
  let last = '';
  for await (const line of readLines(store.read(reportKey(head)))) {
    if (lines === 0) isHashed = line.includes(`"${headHashName}":`);
    if (lines > 1) hash.update(last);
    last = `${line}\n`;
    lines += 1;
    if (part === 'labels' && line.startsWith('{')) {
      labels += 1;
      yield parseLabel(head, line);
    } else if (part === 'labels') part = 'rest';
    else if (line === labelsLine) part = 'labels';
  }
  const isUnchanged = isHashed
    ? last === hash.lastLine()
    : part === 'rest' && labels === head.counts.planned && last.endsWith('}\n');
  if (!isUnchanged) throw changed(head);
}

function parseLabel(ref: AttemptRef, line: string): StoredLabel {
  try {
    const label = JSON.parse(line.replace(/,$/, '')) as StoredLabel;
    if (label.outcome === 'withheld' || isLabelOutcome(label.outcome)) return label;
  } catch {
    // thrown below
  }
  throw changed(ref);
}

function changed(ref: AttemptRef): ChangedFile {
  return new ChangedFile(ref, reportKey(ref), 'was changed after it was written');
}
