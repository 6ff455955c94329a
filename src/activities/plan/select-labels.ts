import { defined } from '../../collections/defined';
import type { Element, FrameLabel } from '../../domain/element';
import { nameBytes } from '../../domain/limits';
import type { LeftOut, SelectionOptions } from '../../domain/plan';
import { describeWrongType, isRecord } from '../../export-body/fields';
import { findByUuid, readLabel } from '../../export-body/read-label';
import { cutToBytes } from '../../text/cut';
import { pluralize } from '../../text/pluralize';
import { findLabelIdElsewhere, readLabelId } from './label-id';

export interface SelectedLabel {
  readonly labelId: string;
  readonly className?: string;
  /** The label in Aquarium that has the id. */
  readonly source: FrameLabel;
}

export interface Selection {
  readonly labels: readonly SelectedLabel[];
  readonly leftOut: readonly LeftOut[];
}

type Omission = Pick<LeftOut, 'reason' | 'detail'>;

interface Choice {
  readonly labels: readonly FrameLabel[];
  readonly omissions: readonly Omission[];
}

/**
 * Selects the labels of one element. What it doesn't select is in `leftOut` with a reason. A crop refers to
 * the label in its frame whose uuid is the crop's uuid, or otherwise the element's id; if the element has no
 * labels, to `crop_data` itself. With `crops: all-in-frame`, a crop selects all labels in its frame. A frame
 * selects no labels, or all its labels. A model's inferences are never selected. Only the parts of the element
 * that this needs can make it invalid.
 * @param index of the element in the delivery, from 0.
 */
export function selectLabels(element: Element, index: number, options: SelectionOptions): Selection {
  const choice = chooseLabels(element, options);
  const labels: SelectedLabel[] = [];
  const omissions: Omission[] = [...choice.omissions];
  for (const source of choice.labels) {
    const labelId = readLabelId(source, element.frame, options.labelId);
    if (typeof labelId === 'string' && labelId !== '') {
      const className = source.label === undefined ? undefined : cutToBytes(source.label, nameBytes);
      labels.push({ labelId, ...defined({ className }), source });
    } else omissions.push(describeMissingId(labelId, source, element, options.labelId));
  }
  const { elementId } = element;
  return { labels, leftOut: omissions.map((omission) => ({ element: index, elementId, ...omission })) };
}

function chooseLabels(element: Element, { frames, crops }: SelectionOptions): Choice {
  const isFrame = element.elementType === 'frame';
  if (isFrame && frames === 'skip') return omit('frame', 'The route skips frame elements.');
  return isFrame || crops === 'all-in-frame' ? chooseAll(element) : chooseLabelOfCrop(element);
}

function chooseAll(element: Element): Choice {
  const { labels: entries, inferences, faults, crop, cropType } = element;
  if (cropType === 'inference')
    return omit('inference', "The crop is a model's inference, not a label of the labeling service.");
  if (faults.labels !== undefined && crop && isWhole(crop) && !isInference(element, undefined))
    return choose(crop);
  if (entries.length === 0 && inferences.length > 0)
    return omit(
      'inference',
      `The frame has no labels, only ${pluralize(inferences.length, 'inference')} of a model.`,
    );
  if (faults.labels !== undefined) return omit('invalid', faults.labels);
  if (entries.length === 0) return omit('no-labels', 'The frame has no labels.');
  const labels = entries.map(readLabel).filter((label) => label !== undefined);
  const inferred = uuidsOf(inferences); // the client's newest file writer copies them into label_data
  const chosen = labels.filter(({ uuid }) => !inferred.has(uuid));
  return {
    labels: chosen,
    omissions: [
      ...invalidIf(describeFaults(entries, findObjectFault)),
      ...(chosen.length < labels.length ? [describeCopies(labels.length - chosen.length)] : []),
    ],
  };
}

function describeCopies(copies: number): Omission {
  const detail = `label_data has ${pluralize(copies, 'inference')} of a model: the labeling service has no such label.`;
  return { reason: 'inference', detail };
}

function chooseLabelOfCrop(element: Element): Choice {
  const { elementId, crop, labels, faults } = element;
  const label = findByUuid(labels, crop?.uuid) ?? findByUuid(labels, elementId);
  if (isInference(element, label))
    return omit('inference', "The crop is a model's inference, not a label of the labeling service.");
  if (label) return choose(label);
  if (faults.labels !== undefined && crop && isWhole(crop)) return choose(crop);
  // the crop's label may be an entry whose uuid cannot be read
  const fault = faults.labels ?? faults.crop ?? describeFaults(labels, findUuidFault);
  return fault === undefined
    ? omit('unmatched-crop', 'No label in label_data has the uuid of the crop.')
    : omit('invalid', fault);
}

/**
 * Aquarium's client writes the inferences of a frame into `inference_data`, and its newest file writer also
 * copies them into `label_data`.
 * @param label the crop's label in `label_data`.
 */
function isInference(element: Element, label: FrameLabel | undefined): boolean {
  const { cropType, inferences, crop, elementId } = element;
  if (cropType === 'inference') return true;
  if (label) return isAboutInferences(element) && findByUuid(inferences, label.uuid) !== undefined;
  return (findByUuid(inferences, crop?.uuid) ?? findByUuid(inferences, elementId)) !== undefined;
}

function isAboutInferences({ cropType, inferenceSet }: Element): boolean {
  return cropType === undefined ? inferenceSet !== undefined : cropType === 'inference';
}

/** Whether `crop_data` has the entire label rather than just its uuid. */
function isWhole({ uuid, label, attributes }: FrameLabel): boolean {
  return typeof uuid === 'string' && uuid !== '' && (label !== undefined || attributes !== undefined);
}

/** An entry without a uuid is left out: a label without one is not its copy. */
function uuidsOf(entries: readonly unknown[]): ReadonlySet<unknown> {
  const uuids = entries.map((entry) => readLabel(entry)?.uuid);
  return new Set(uuids.filter((uuid) => typeof uuid === 'string' && uuid !== ''));
}

type FindFault = (entry: unknown, place: string) => string | undefined;

/** Names the first three faults of the entries. */
function describeFaults(entries: readonly unknown[], findFault: FindFault): string | undefined {
  const faults: string[] = [];
  for (const [at, entry] of entries.entries()) {
    const fault = findFault(entry, `frame_data.label_data.${at}`);
    if (fault !== undefined && faults.push(fault) === 3) break;
  }
  return faults.length === 0 ? undefined : faults.join('; ');
}

function findObjectFault(entry: unknown, place: string): string | undefined {
  return isRecord(entry) ? undefined : describeWrongType(place, 'object', entry);
}

function findUuidFault(entry: unknown, place: string): string | undefined {
  if (!isRecord(entry)) return findObjectFault(entry, place);
  const { uuid } = entry;
  return uuid === undefined || uuid === null || typeof uuid === 'string'
    ? undefined
    : describeWrongType(`${place}.uuid`, 'string', uuid);
}

function describeMissingId(
  labelId: unknown,
  source: FrameLabel,
  { frame }: Element,
  place: string,
): Omission {
  const missing = `The label id at ${place} is ${describeType(labelId)}; expected a non-empty string.`;
  const other = findLabelIdElsewhere(source, frame, place);
  const hint = other === undefined ? '' : ` There is one at ${other}: set the route's labelId to it.`;
  return { reason: 'missing-label-id', detail: `${missing}${hint}` };
}

/** The type, never the value. */
function describeType(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function choose(label: FrameLabel): Choice {
  return { labels: [label], omissions: [] };
}

function omit(reason: Omission['reason'], detail: string): Choice {
  return { labels: [], omissions: [{ reason, detail }] };
}

function invalidIf(fault: string | undefined): Omission[] {
  return fault === undefined ? [] : [{ reason: 'invalid', detail: fault }];
}
