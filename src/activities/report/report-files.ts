import type { AttemptRef } from '../../domain/attempt-ref';
import type { LeftOut } from '../../domain/plan';
import { leftOutKey, reportCsvKey, reportKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { csvLine } from './csv';
import { readLines } from '../../payloads/read-lines';
import { labelsLine, type ReportHead } from '../../payloads/report-head';
import type { ReportedLabel } from './reported-labels';
import { stageFile, type StagedFile } from '../staged-file';

/** What stands in a report, in the order in which it is written. */
export interface ReportContent {
  readonly head: ReportHead;
  readonly labels: AsyncIterable<ReportedLabel>;
  readonly leftOut: AsyncIterable<LeftOut>;
}

const columns = [
  ...[
    'position',
    'label_id',
    'element_id',
    'element',
    'class',
    'outcome',
    'repeated',
    'reason',
    'at',
    'chunk',
    'decision',
  ],
  ...['element_count', 'elements', 'element_ids'],
];

/**
 * Writes `report.json` and `report.csv` as their content comes. The JSON has a label a line after a head of a line a key, the
 * requests first, so that its head is read, and a request added, without reading the labels.
 */
export async function writeReportFiles(
  store: PayloadStore,
  ref: AttemptRef,
  { head, labels, leftOut }: ReportContent,
): Promise<void> {
  const staged: StagedFile[] = [];
  try {
    const json = await stageFile(store);
    staged.push(json);
    const csv = await stageFile(store);
    staged.push(csv);
    await writeHead(json, head);
    await csv.write(csvLine(columns));
    await writeAll(json, csv, labels, rowOfLabel);
    await json.write('],\n"leftOut":[\n');
    await writeAll(json, csv, leftOut, rowOfLeftOut);
    await json.write(']}\n');
    await csv.commit(reportCsvKey(ref));
    await json.commit(reportKey(ref)); // last: an attempt with report.json has both
  } finally {
    await Promise.all(staged.map((file) => file.discard()));
  }
}

/** The lines of `left-out.ndjson`; a changed one is told as such, and a missing file has none. */
export async function* readLeftOut(store: PayloadStore, ref: AttemptRef): AsyncGenerator<LeftOut> {
  try {
    for await (const line of readLines(store.read(leftOutKey(ref)))) yield parsed(line);
  } catch (error) {
    if (!(error instanceof PayloadNotFound)) throw error;
  }
}

function parsed(line: string): LeftOut {
  try {
    return JSON.parse(line) as LeftOut;
  } catch {
    return {
      element: -1,
      reason: 'invalid',
      detail: 'This line of left-out.ndjson was changed and cannot be read.',
    };
  }
}

async function writeHead(json: StagedFile, { requests, ...rest }: ReportHead): Promise<void> {
  await json.write(`{"requests":${JSON.stringify(requests)},\n`);
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined) await json.write(`${JSON.stringify(key)}:${JSON.stringify(value)},\n`);
  await json.write(`${labelsLine}\n`);
}

async function writeAll<T>(
  json: StagedFile,
  csv: StagedFile,
  values: AsyncIterable<T>,
  row: (value: T) => string,
): Promise<void> {
  let comma = '';
  for await (const value of values) {
    await json.write(`${comma}${JSON.stringify(value)}`);
    await csv.write(row(value));
    comma = ',\n';
  }
  if (comma !== '') await json.write('\n');
}

/** Lists stand in their cells as JSON: an id may hold whatever parts them else. */
function rowOfLabel(label: ReportedLabel): string {
  const { position, labelId, elementId, element, className, outcome, repeated, reason, at, chunk, decision } =
    label;
  return csvLine([
    ...[position, labelId, elementId, element, className, outcome, repeated, reason, at, chunk, decision],
    label.elementCount,
    JSON.stringify(label.elements.map((one) => one.element)),
    JSON.stringify(label.elements.map((one) => one.elementId)),
  ]);
}

function rowOfLeftOut({ labelId, elementId, element, reason, detail }: LeftOut): string {
  const known = [
    undefined,
    labelId,
    elementId,
    element,
    undefined,
    'left-out',
    false,
    `${reason}: ${detail}`,
  ];
  return csvLine(columns.map((_, at) => known[at]));
}
