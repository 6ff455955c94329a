import { defined } from '../../../collections/defined';
import { setImmediate } from 'node:timers/promises';
import { folderOfIssueKey, reportKey } from '../../../payloads/keys';
import { listIssueKeys } from '../../../payloads/list-issue-keys';
import { readLines } from '../../../payloads/read-lines';
import type { PayloadStore } from '../../../payloads/payload-store';
import { labelsLine, type ReportHead, reportHeadsIn } from '../../../payloads/report-head';
import { exportWorkflowId } from '../../../temporal/names';
import type { Links } from '../../links';
import type { FoundLabel } from '../operator-api';

/** Lines read before the event loop gets a turn to serve other requests. */
const linesPerTurn = 2000;

/**
 * Finds the ended exports that planned a label, newest first. It reads every report, because the store has no
 * index.
 */
export async function findLabel(
  { store, links }: { store: PayloadStore; links: Links },
  labelId: string,
): Promise<FoundLabel[]> {
  const found: FoundLabel[] = [];
  for (const folder of await listIssueKeys(store)) {
    for (const head of await reportHeadsIn(store, folderOfIssueKey(folder))) {
      const label = await findInReport(store, links, head, labelId);
      if (label) found.push(label);
    }
  }
  return found.sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
}

async function findInReport(
  store: PayloadStore,
  links: Links,
  head: ReportHead,
  labelId: string,
): Promise<FoundLabel | undefined> {
  const { issueId, revision, attempt } = head;
  const match = `"labelId":${JSON.stringify(labelId)},`;
  let isInLabels = false;
  let lines = 0;
  for await (const line of readLines(store.read(reportKey({ issueId, revision, attempt })))) {
    if ((lines += 1) % linesPerTurn === 0) await setImmediate();
    if (!isInLabels) isInLabels = line === labelsLine;
    else if (line === '],' || line.startsWith(']')) break; // the left-out elements follow
    else if (line.includes(match)) return parseFoundLabel(head, line, links); // a report has a label once
  }
  return undefined;
}

function parseFoundLabel(head: ReportHead, line: string, links: Links): FoundLabel | undefined {
  const { issueId, issueName, project, revision, attempt, outcome: exportOutcome, endedAt } = head;
  try {
    const { position, elementCount, elements, outcome, repeated, at, decision } = JSON.parse(
      line.replace(/,$/, ''),
    ) as FoundLabel;
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
  } catch {
    return undefined;
  }
}
