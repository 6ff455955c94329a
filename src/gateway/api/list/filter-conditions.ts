import { isOpenStage } from '../../../domain/stage';
import type { ListFilter } from '../operator-api';
import { quote } from '../runs/visibility';

/**
 * What a filter of the list asks for, in visibility's query language; nothing when it asks for all. Temporal (server 1.32) cannot
 * compare with a double quote, a back slash, or a single quote at either end: of such a text the part before them is asked for.
 */
export function filterConditions({
  stage,
  project,
  issue,
}: Pick<ListFilter, 'stage' | 'project' | 'issue'>): string[] {
  return [
    ...(stage === undefined ? [] : [`ExportStage="${stage}"`]),
    ...(stage !== undefined && isOpenStage(stage) ? ['ExecutionStatus="Running"'] : []), // others keep their last stage for ever
    ...(project !== undefined && project === comparable(project)
      ? [`AquariumProject = ${quote(project)}`]
      : startsWith('AquariumProject', project)),
    ...startsWith('AquariumIssueId', issue),
  ];
}

function startsWith(attribute: string, text = ''): string[] {
  const start = comparable(text);
  return start === '' ? [] : [`${attribute} STARTS_WITH ${quote(start)}`];
}

/** The start of a text that Temporal compares as it is. */
function comparable(text: string): string {
  return text.startsWith("'") ? '' : text.replace(/["\\].*$/s, '').replace(/'+$/, '');
}
