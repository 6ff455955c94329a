import { defined } from '../../../collections/defined';
import { isOpenStage, type Stage } from '../../../domain/stage';
import type { Links } from '../../links';
import type { ExportRow } from '../operator-api';
import type { VisibleRun } from '../runs/visibility';

export function rowFromRun(
  { workflowId, issueId, status, startedAt, endedAt, attributes }: VisibleRun,
  links: Links,
): ExportRow {
  const text = (name: string) => String(attributes[name] ?? '');
  const number = (name: string) => Number(attributes[name] ?? 0);
  const stage = stageOfRun(status, text('ExportStage'));
  return {
    issueId,
    issueName: text('AquariumIssueName'),
    project: text('AquariumProject'),
    stage,
    // The run of an ended export stays open until its notices are sent or given up.
    isOpen: status === 'RUNNING' && isOpenStage(stage),
    destination: text('ExportDestination'),
    labels: { planned: number('ExportLabels'), done: number('ExportLabelsDone') },
    startedAt,
    ...defined({ endedAt }),
    workflowId,
    source: 'temporal',
    links: { self: links.self(issueId), temporal: links.temporal(workflowId) },
  };
}

/** In visibility, a run that failed or was terminated keeps its last open stage. */
function stageOfRun(status: string, stage: string): ExportRow['stage'] {
  if (status === 'RUNNING') return (stage || 'preparing') as Stage;
  return isOpenStage(stage) || stage === '' ? 'terminated' : (stage as Stage);
}
