import type { LeftOut } from '../../domain/plan';
import { csvLine, csvList } from './csv-line';
import type { ReportedLabel } from './reported-labels';

type Cell = string | number | boolean | undefined;

interface Column {
  readonly name: string;
  /** The cell in the row of a label of the plan. */
  readonly ofLabel: (label: ReportedLabel) => Cell;
  /** The cell in the row of an element or label that is left out. Absent: the cell is empty. */
  readonly ofLeftOut?: (line: LeftOut) => Cell;
}

/** The columns of `report.csv`, from left to right. To add a column, add a row. */
const columns: readonly Column[] = [
  { name: 'position', ofLabel: ({ position }) => position },
  { name: 'label_id', ofLabel: ({ labelId }) => labelId, ofLeftOut: ({ labelId }) => labelId },
  { name: 'element_id', ofLabel: ({ elementId }) => elementId, ofLeftOut: ({ elementId }) => elementId },
  {
    name: 'element',
    ofLabel: ({ element }) => indexCell(element),
    ofLeftOut: ({ element }) => indexCell(element),
  },
  { name: 'class', ofLabel: ({ className }) => className },
  { name: 'outcome', ofLabel: ({ outcome }) => outcome, ofLeftOut: () => 'left-out' },
  { name: 'repeated', ofLabel: ({ repeated }) => repeated, ofLeftOut: () => false },
  {
    name: 'reason',
    ofLabel: ({ reason }) => reason,
    ofLeftOut: ({ reason, detail }) => `${reason}: ${detail}`,
  },
  { name: 'at', ofLabel: ({ at }) => at },
  { name: 'chunk', ofLabel: ({ chunk }) => chunk },
  { name: 'decision', ofLabel: ({ decision }) => decision },
  { name: 'element_count', ofLabel: ({ elementCount }) => elementCount },
  // Lists are JSON in one cell: an id may contain any separator.
  { name: 'elements', ofLabel: ({ elements }) => csvList(elements.map(({ element }) => element)) },
  {
    name: 'element_ids',
    ofLabel: ({ elements }) => csvList(elements.map(({ elementId }) => elementId)),
  },
];

export function csvHeader(): string {
  return csvLine(columns.map(({ name }) => name));
}

export function csvRowOfLabel(label: ReportedLabel): string {
  return csvLine(columns.map(({ ofLabel }) => ofLabel(label)));
}

export function csvRowOfLeftOut(line: LeftOut): string {
  return csvLine(columns.map(({ ofLeftOut }) => ofLeftOut?.(line)));
}

/** Empty when the line of the plan, or of what was left out, is unreadable: its index is then below 0. */
function indexCell(element: number): Cell {
  return element < 0 ? undefined : element;
}
