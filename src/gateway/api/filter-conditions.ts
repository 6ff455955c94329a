import { isOpenStage } from '../../domain/stage';
import type { ListFilter } from './operator-api';
import { quoted } from './visibility';

/** What a filter of the list asks for, in visibility's query language; nothing when it asks for all. */
export function filterConditions({ stage, project, issue }: Pick<ListFilter, 'stage' | 'project' | 'issue'>): string[] {
  return [
    ...(stage === undefined ? [] : [`ExportStage="${stage}"`]),
    ...(stage !== undefined && isOpenStage(stage) ? ['ExecutionStatus="Running"'] : []), // others keep their last stage for ever
    ...(project === undefined ? [] : [`AquariumProject = ${quoted(project)}`]),
    ...(issue === undefined ? [] : [`AquariumIssueId STARTS_WITH ${quoted(issue)}`]),
  ];
}
