import { clock } from '../../../clock/clock';
import { defined } from '../../../collections/defined';
import { reportKeyOfName } from '../../../payloads/keys';
import type { LabelIndex } from '../../../payloads/label-index/label-index';
import { readLines } from '../../../payloads/read-lines';
import type { PayloadStore } from '../../../payloads/payload-store';
import { labelsLine, readHeadAt, type ReportHead } from '../../../payloads/report-head';
import { skipDenied } from '../../../payloads/skip-denied';
import { exportWorkflowId } from '../../../temporal/names';
import type { Links } from '../../links';
import type { FoundLabel } from '../operator-api';

/** Lines read before the event loop gets a turn to serve other requests. */
const linesPerTurn = 2000;

interface Deps {
  readonly store: PayloadStore;
  readonly links: Links;
  readonly labelIndex: LabelIndex;
}

/**
 * Finds the ended exports that planned a label, newest first. The index only says where to look: the report's own
 * line decides.
 */
export async function findLabel(deps: Deps, labelId: string): Promise<FoundLabel[]> {
  const { hits, notIndexed } = await deps.labelIndex(labelId);
  const found = new Map<string, FoundLabel>();
  for (const { report, bytesToEnd } of hits) {
    const label = await findInReport(deps, report, labelId, bytesToEnd);
    if (label) found.set(report, label);
  }
  for (const report of notIndexed) {
    const label = found.has(report) ? undefined : await findInReport(deps, report, labelId);
    if (label) found.set(report, label);
  }
  return [...found.values()].sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
}

/** @param bytesToEnd where the label's line begins, counted from the end of the report, if known. */
async function findInReport(
  { store, links }: Deps,
  report: string,
  labelId: string,
  bytesToEnd?: number,
): Promise<FoundLabel | undefined> {
  const key = reportKeyOfName(report);
  const head = await skipDenied(readHeadAt(store, key));
  if (!head) return undefined;
  const match = `"labelId":${JSON.stringify(labelId)},`;
  const line =
    (bytesToEnd === undefined ? undefined : await readLineAt(store, key, bytesToEnd, labelId)) ??
    (await findLine(store, key, match));
  return line === undefined ? undefined : toFoundLabel(head, line, links);
}

/** @returns undefined when another line is there: the report was changed after it was indexed. */
async function readLineAt(
  store: PayloadStore,
  key: string,
  bytesToEnd: number,
  labelId: string,
): Promise<string | undefined> {
  const size = await store.size(key);
  if (bytesToEnd > size) return undefined;
  for await (const line of readLines(store.read(key, { start: size - bytesToEnd, end: size })))
    return parseLine(line)?.labelId === labelId ? line : undefined; // the loop ends with the first line
  return undefined;
}

async function findLine(store: PayloadStore, key: string, match: string): Promise<string | undefined> {
  let isInLabels = false;
  let lines = 0;
  for await (const line of readLines(store.read(key))) {
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
