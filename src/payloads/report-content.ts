import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import { isLabelOutcome, type LabelOutcome } from '../domain/label-outcome';
import { ChangedFile } from './changed-file';
import { reportKey } from './keys';
import type { PayloadStore } from './payload-store';
import { readLines } from './read-lines';
import { labelsLine } from './report-head';

/** What a report says about one of its labels; it says more than this. */
export interface StoredLabel {
  readonly labelId: string;
  readonly outcome: LabelOutcome | 'withheld';
  /** ISO 8601. */
  readonly at?: string;
}

const hashName = 'contentSha256';

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
    return `"${hashName}":"${this.hash.digest('hex')}"}\n`;
  }
}

/**
 * Reads the labels of a report. The hash is known only after the last line: don't use the labels until the
 * generator has finished without an error.
 * @throws {PayloadNotFound}
 * @throws {ChangedFile} when the report was changed, or has no hash.
 */
export async function* readReportLabels(store: PayloadStore, ref: AttemptRef): AsyncGenerator<StoredLabel> {
  const hash = new ContentHash();
  let part: 'head' | 'labels' | 'rest' = 'head';
  let lines = 0;
  let last = '';
  for await (const line of readLines(store.read(reportKey(ref)))) {
    if (lines > 1) hash.update(last);
    last = `${line}\n`;
    lines += 1;
    if (part === 'labels' && line.startsWith('{')) yield parseLabel(ref, line);
    else if (part === 'labels') part = 'rest';
    else if (line === labelsLine) part = 'labels';
  }
  if (last !== hash.lastLine()) throw changed(ref);
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
  return new ChangedFile(ref, reportKey(ref), 'was changed after it was written, or has no hash');
}
