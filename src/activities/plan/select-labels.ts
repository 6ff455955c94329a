import { defined } from '../../collections/defined';
import type { Element, FrameLabel } from '../../domain/element';
import { nameBytes } from '../../domain/limits';
import type { LeftOut, SelectionOptions } from '../../domain/plan';
import { cutToBytes } from '../../text/cut';

interface SelectedLabel {
  readonly labelId: string;
  readonly className?: string;
}

export interface Selection {
  readonly labels: readonly SelectedLabel[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Selects the labels of one element. What it doesn't select is in `leftOut` with a reason. A crop refers to
 * the label in its frame whose uuid is the crop's uuid, or otherwise the element's id. With `crops:
 * all-in-frame`, a crop selects all labels in its frame. A frame selects no labels, or all its labels.
 * @param index of the element in the delivery, from 0.
 */
export function selectLabels(element: Element, index: number, options: SelectionOptions): Selection {
  const leaveOut = (reason: LeftOut['reason'], detail: string): Selection => ({
    labels: [],
    leftOut: [{ element: index, elementId: element.elementId, reason, detail }],
  });
  if (element.elementType === 'frame' && options.frames === 'skip')
    return leaveOut('frame', 'The route skips frame elements.');
  const takesAll = element.elementType === 'frame' || options.crops === 'all-in-frame';
  if (takesAll && element.labels.length === 0) return leaveOut('no-labels', 'The frame has no labels.');
  const selected = takesAll ? element.labels : findLabelOfCrop(element);
  if (selected.length === 0)
    return leaveOut('unmatched-crop', 'No label in label_data has the uuid of the crop.');
  return readLabelIds(selected, element, index, options);
}

function findLabelOfCrop(element: Element): readonly FrameLabel[] {
  const byCrop = element.labels.find(({ uuid }) => uuid !== undefined && uuid === element.cropUuid);
  const label = byCrop ?? element.labels.find(({ uuid }) => uuid === element.elementId);
  return label ? [label] : [];
}

function readLabelIds(
  selected: readonly FrameLabel[],
  element: Element,
  index: number,
  { labelId: place }: SelectionOptions,
): Selection {
  const labels: SelectedLabel[] = [];
  const leftOut: LeftOut[] = [];
  for (const label of selected) {
    const labelId = readLabelId(label, element, place);
    if (typeof labelId === 'string' && labelId !== '') {
      const className = label.label === undefined ? undefined : cutToBytes(label.label, nameBytes);
      labels.push({ labelId, ...defined({ className }) });
    } else {
      const detail = `The label id at ${place} is ${describeType(labelId)}; expected a non-empty string.`;
      leftOut.push({ element: index, elementId: element.elementId, reason: 'missing-label-id', detail });
    }
  }
  return { labels, leftOut };
}

function readLabelId(label: FrameLabel, element: Element, place: string): unknown {
  if (place === 'uuid') return label.uuid;
  if (place.startsWith('attributes.')) return own(label.attributes, place.slice('attributes.'.length));
  return own(element.frame, place);
}

function own(object: Readonly<Record<string, unknown>> | undefined, key: string): unknown {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The type, never the value. */
function describeType(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
