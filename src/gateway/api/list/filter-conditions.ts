import { openRuns } from '../../../temporal/open-run';
import { isOpenStage } from '../../../domain/stage';
import type { ListFilter } from '../operator-api';
import { quote } from '../runs/visibility';

/**
 * Converts a list filter to conditions in visibility's query language. An empty filter yields no conditions.
 * Temporal (server 1.32) cannot compare a string that contains a double quote or a backslash, or that begins
 * or ends with a single quote. The condition then uses only the part before that character, so it may match
 * more runs than the filter.
 */
export function filterConditions({
  stage,
  project,
  issue,
}: Pick<ListFilter, 'stage' | 'project' | 'issue'>): string[] {
  return [
    ...(stage === undefined ? [] : [`ExportStage="${stage}"`]),
    // A closed run may keep its last open stage.
    ...(stage !== undefined && isOpenStage(stage) ? [openRuns] : []),
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

/** The part from the start of the string that Temporal compares correctly. */
function comparable(text: string): string {
  return text.startsWith("'") ? '' : text.replace(/["\\].*$/s, '').replace(/'+$/, '');
}
