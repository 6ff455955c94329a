import { defined } from '../../collections/defined';
import type { Element, FrameLabel } from '../../domain/element';
import { nameBytes } from '../../domain/limits';
import type { LeftOut, SelectionOptions } from '../../domain/plan';
import { cutToBytes } from '../../text/cut';

/** A label that an element stands for. */
export interface SelectedLabel {
  readonly labelId: string;
  readonly className?: string;
}

export interface Selection {
  readonly labels: readonly SelectedLabel[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The labels one element stands for, and what is left out of it. A crop stands for the label of its frame
 * whose uuid equals the crop's, else the element's id; a frame for none, or for all its labels. Nothing is
 * dropped in silence.
 * @param index place of the element in the delivery, from 0.
 */
export function selectLabels(element: Element, index: number, options: SelectionOptions): Selection {
  const leaveOut = (reason: LeftOut['reason'], detail: string): Selection => ({
    labels: [],
    leftOut: [{ element: index, elementId: element.elementId, reason, detail }],
  });
  if (element.elementType === 'frame' && options.frames === 'skip')
    return leaveOut('frame', 'Frame elements are skipped by the route.');
  const all = element.elementType === 'frame' || options.crops === 'all-in-frame';
  if (all && element.labels.length === 0) return leaveOut('no-labels', 'The frame has no labels.');
  const chosen = all ? element.labels : labelOfCrop(element);
  if (chosen.length === 0)
    return leaveOut('unmatched-crop', 'No label in label_data has the uuid of the crop.');
  return withIds(chosen, element, index, options);
}

function labelOfCrop(element: Element): readonly FrameLabel[] {
  const wanted = element.labels.find(({ uuid }) => uuid !== undefined && uuid === element.cropUuid);
  return [wanted ?? element.labels.find(({ uuid }) => uuid === element.elementId)].filter(
    (label) => label !== undefined,
  );
}

function withIds(
  chosen: readonly FrameLabel[],
  element: Element,
  index: number,
  options: SelectionOptions,
): Selection {
  const labels: SelectedLabel[] = [];
  const leftOut: LeftOut[] = [];
  for (const label of chosen) {
    const labelId = readLabelId(label, element, options.labelId);
    if (typeof labelId === 'string' && labelId !== '') {
      labels.push({
        labelId,
        ...defined({ className: label.label === undefined ? undefined : cutToBytes(label.label, nameBytes) }),
      });
    } else {
      const detail = `Expected a text that is not empty at ${options.labelId}, got ${describeType(labelId)}.`;
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

/** What stands where an id should: its type, never its value. */
function describeType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value === '') return 'an empty text';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
