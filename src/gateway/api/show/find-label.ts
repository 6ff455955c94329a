import { defined } from '../../../collections/defined';
import { setImmediate } from 'node:timers/promises';
import { exportsFolder, folderOfIssueKey, reportKey } from '../../../payloads/keys';
import { readLines } from '../../../payloads/read-lines';
import type { PayloadStore } from '../../../payloads/payload-store';
import { labelsLine, type ReportHead, reportHeadsIn } from '../../../payloads/report-head';
import { exportWorkflowId } from '../../../temporal/names';
import type { Links } from '../../links';
import type { FoundLabel } from '../operator-api';

/** Lines read before other requests have their turn. */
const linesATurn = 2000;

/** Which ended exports planned a label, newest first: every report is read, since the store has no index. */
export async function findLabel(
  { store, links }: { store: PayloadStore; links: Links },
  labelId: string,
): Promise<FoundLabel[]> {
  const found: FoundLabel[] = [];
  for (const folder of await store.list(exportsFolder)) {
    for (const head of await reportHeadsIn(store, folderOfIssueKey(folder)))
      found.push(...(await inReport(store, links, head, labelId)));
  }
  return found.sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
}

async function inReport(
  store: PayloadStore,
  links: Links,
  head: ReportHead,
  labelId: string,
): Promise<FoundLabel[]> {
  const { issueId, revision, attempt } = head;
  const wanted = `"labelId":${JSON.stringify(labelId)},`;
  let isPast = false;
  let lines = 0;
  for await (const line of readLines(store.read(reportKey({ issueId, revision, attempt })))) {
    if ((lines += 1) % linesATurn === 0) await setImmediate();
    if (!isPast) isPast = line === labelsLine;
    else if (line === '],' || line.startsWith(']')) break; // what was left out follows
    else if (line.includes(wanted)) return [foundIn(head, line, links)].filter((one) => one !== undefined);
  }
  return [];
}

/** One label stands once in a report. */
function foundIn(head: ReportHead, line: string, links: Links): FoundLabel | undefined {
  const { issueId, issueName, project, revision, attempt, outcome: exportOutcome, endedAt } = head;
  try {
    const { position, elementCount, elements, outcome, repeated, at, decision } = JSON.parse(
      line.replace(/,$/, ''),
    ) as FoundLabel;
    return {
      ...{
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
      },
      elementCount,
      elements,
      ...defined({ at, decision }),
      links: { self: links.self(issueId), temporal: links.temporal(exportWorkflowId(issueId)) },
    };
  } catch {
    return undefined;
  }
}
