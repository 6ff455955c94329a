import { clock } from '../../../clock/clock';
import { defined } from '../../../collections/defined';
import { reportKeyOfName } from '../../../payloads/keys';
import type { LabelIndex } from '../../../payloads/label-index/label-index';
import { readLines } from '../../../payloads/read-lines';
import type { CheckedFile } from '../../../payloads/checked-file';
import { openReport } from '../../../payloads/open-report';
import { PayloadIsFolder, type PayloadStore } from '../../../payloads/payload-store';
import { objectExists } from '../../../payloads/small-objects';
import { labelsLine, readHeadAt, type ReportHead } from '../../../payloads/report-head';
import { skipDenied } from '../../../payloads/skip-denied';
import { exportWorkflowId } from '../../../temporal/names';
import { unescapeUnstorable } from '../../../text/printable';
import type { Links } from '../../links';
import type { FoundLabel, FoundLabels } from '../operator-api';

/** Lines read before the event loop gets a turn to serve other requests. */
const linesPerTurn = 2000;

interface Deps {
  readonly store: PayloadStore;
  readonly links: Links;
  readonly labelIndex: LabelIndex;
}

/**
 * Finds the ended exports that planned a label, newest first. The index only says where to look: the report's own
 * line decides. A report that was changed decides nothing: it is named instead.
 */
export async function findLabel(deps: Deps, labelId: string): Promise<FoundLabels> {
  const found = await findExactly(deps, labelId);
  const meant = unescapeUnstorable(labelId); // as report.csv and `show` print an id that no terminal can hold
  return found.exports.length > 0 || meant === labelId ? found : findExactly(deps, meant);
}

async function findExactly(deps: Deps, labelId: string): Promise<FoundLabels> {
  const { hits, notIndexed } = await deps.labelIndex(labelId);
  const found = new Map<string, FoundLabel>();
  const changed = new Set<string>();
  const places = [...hits, ...notIndexed.map((report) => ({ report, bytesToEnd: undefined }))];
  for (const { report, bytesToEnd } of places) {
    if (found.has(report)) continue;
    const label = await findInReport(deps, report, labelId, bytesToEnd);
    if (label === 'changed') changed.add(reportKeyOfName(report));
    else if (label) found.set(report, label);
  }
  const exports = [...found.values()].sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
  return { labelId, exports, changedReports: [...changed].sort() };
}

/** @param bytesToEnd where the label's line begins, counted from the end of the report, if known. */
async function findInReport(
  { store, links }: Deps,
  report: string,
  labelId: string,
  bytesToEnd?: number,
): Promise<FoundLabel | 'changed' | undefined> {
  const key = reportKeyOfName(report);
  const head = await skipDenied(readHeadAt(store, key).then((found) => found ?? 'none'));
  if (head === undefined) return undefined; // it may not be read: doctor names it
  if (head === 'none') return (await isFile(store, key)) ? 'changed' : undefined;
  const file = await openReport(store, head, 'json');
  if (!file) return 'changed';
  const match = `"labelId":${JSON.stringify(labelId)},`;
  const line =
    (bytesToEnd === undefined ? undefined : await readLineAt(file, bytesToEnd, labelId)) ??
    (await findLine(file, match));
  return line === undefined ? undefined : toFoundLabel(head, line, links);
}

/** False when it is missing, and for a folder with the name of a report. */
async function isFile(store: PayloadStore, key: string): Promise<boolean> {
  return objectExists(store, key).catch((error: unknown) => {
    if (error instanceof PayloadIsFolder) return false;
    throw error;
  });
}

/** @returns undefined when another line is there: the report was changed after it was indexed. */
async function readLineAt(
  file: CheckedFile,
  bytesToEnd: number,
  labelId: string,
): Promise<string | undefined> {
  const { size } = file;
  if (bytesToEnd > size) return undefined;
  for await (const line of readLines(file.read({ start: size - bytesToEnd, end: size })))
    return parseLine(line)?.labelId === labelId ? line : undefined; // the loop ends with the first line
  return undefined;
}

async function findLine(file: CheckedFile, match: string): Promise<string | undefined> {
  let isInLabels = false;
  let lines = 0;
  for await (const line of readLines(file.read())) {
    if ((lines += 1) % linesPerTurn === 0) await clock.turn();
    if (!isInLabels) isInLabels = line === labelsLine;
    else if (line.startsWith(']')) break; // the left-out elements follow
    else if (line.includes(match)) return line; // a report has a label once
  }
  return undefined;
}

function toFoundLabel(head: ReportHead, line: string, links: Links): FoundLabel | undefined {
  const label = parseLine(line);
  if (!label) return undefined;
  const { issueId, issueName, project, revision, attempt, outcome: exportOutcome, endedAt } = head;
  const { position, elementCount, elements, outcome, repeated, at, decision } = label;
  return {
    issueId,
    issueName,
    project,
    revision,
    attempt,
    position,
    outcome,
    repeated,
    exportOutcome,
    endedAt,
    elementCount,
    elements,
    ...defined({ at, decision }),
    links: { self: links.self(issueId), temporal: links.temporal(exportWorkflowId(issueId)) },
  };
}

function parseLine(line: string): (FoundLabel & { readonly labelId: string }) | undefined {
  try {
    return JSON.parse(line.replace(/,$/, '')) as FoundLabel & { labelId: string };
  } catch {
    return undefined;
  }
}
