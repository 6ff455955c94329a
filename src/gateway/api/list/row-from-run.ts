import { defined } from '../../../collections/defined';
import { isOpenStage, type Stage } from '../../../domain/stage';
import { isOpenRun, isPausedInTemporal } from '../../../temporal/open-run';
import type { Links } from '../../links';
import type { ExportRow } from '../operator-api';
import type { VisibleRun } from '../runs/visibility';

export function rowFromRun(run: VisibleRun, links: Links): ExportRow {
  const { workflowId, issueId, startedAt, endedAt, attributes } = run;
  const text = (name: string) => String(attributes[name] ?? '');
  const number = (name: string) => Number(attributes[name] ?? 0);
  const stage = stageOfRun(run, text('ExportStage'));
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

/** In visibility, a run that failed or was terminated keeps its last open stage. */
function stageOfRun(run: VisibleRun, stage: string): ExportRow['stage'] {
  if (isOpenRun(run)) return (stage || 'preparing') as Stage;
  return isOpenStage(stage) || stage === '' ? 'terminated' : (stage as Stage);
}
