import { defined } from '../../../collections/defined';
import { isOpenStage, type Stage } from '../../../domain/stage';
import { issueFolder } from '../../../payloads/keys';
import type { PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { isOpenRun, isPausedInTemporal } from '../../../temporal/open-run';
import type { Links } from '../../links';
import type { ExportRow } from '../operator-api';
import type { VisibleRun } from '../runs/visibility';

/** Reads the report of an export that has ended while its run is still open. */
export async function rowFromRun(
  { store, links }: { readonly store: PayloadStore; readonly links: Links },
  run: VisibleRun,
): Promise<ExportRow> {
  const { workflowId, issueId, startedAt, attributes } = run;
  const text = (name: string) => String(attributes[name] ?? '');
  const number = (name: string) => Number(attributes[name] ?? 0);
  const stage = stageOfRun(run, text('ExportStage'));
  const endedAt = run.endedAt ?? (await readEndedAt(store, issueId, stage));
  return {
    issueId,
    issueName: text('AquariumIssueName'),
    project: text('AquariumProject'),
    stage,
    // The run of an ended export stays open until its notices are sent or given up.
    isOpen: isOpenRun(run) && isOpenStage(stage),
    destination: text('ExportDestination'),
    labels: { planned: number('ExportLabels'), done: number('ExportLabelsDone') },
    startedAt,
    ...defined({ endedAt }),
    workflowId,
    source: 'temporal',
    ...defined({ pausedInTemporal: isPausedInTemporal(run) ? (true as const) : undefined }),
    links: { self: links.self(issueId), temporal: links.temporal(workflowId) },
  };
}

/** @returns undefined while the export is open, and when its report can't be read. */
async function readEndedAt(
  store: PayloadStore,
  issueId: string,
  stage: ExportRow['stage'],
): Promise<string | undefined> {
  if (isOpenStage(stage)) return undefined;
  const [report] = await reportHeadsIn(store, issueFolder(issueId));
  return report?.outcome === stage ? report.endedAt : undefined;
}

/** In visibility, a run that failed or was terminated keeps its last open stage. */
function stageOfRun(run: VisibleRun, stage: string): ExportRow['stage'] {
  if (isOpenRun(run)) return (stage || 'preparing') as Stage;
  return isOpenStage(stage) || stage === '' ? 'terminated' : (stage as Stage);
}
