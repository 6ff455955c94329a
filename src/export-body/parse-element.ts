import { defined } from '../collections/defined';
import type { Element, FrameLabel } from '../domain/element';
import { TooHeavy } from './element-weight';
import { describeWrongType, firstText, firstValue, isRecord } from './fields';
import { idKeys } from './id-keys';
import type { ReadElement } from './read-export';
import { readLabel } from './read-label';

export type ParsedElement =
  | { readonly kind: 'valid'; readonly element: Element }
  /** `why` contains keys and types, and never a value. `elementId` is absent only if none can be read. */
  | { readonly kind: 'invalid'; readonly why: string; readonly elementId?: string };

type Json = Readonly<Record<string, unknown>>;

/**
 * Parses an element with keys in snake_case or camelCase. Only what every route needs can make it invalid
 * here; `faults` has the rest. Unknown keys are ignored. Source: Aquarium's webhook guide and its Python
 * client (`IssueElement`).
 * @param read `literalId` only names an invalid element: an id must be a string.
 */
export function parseElement({ value, literalId }: Omit<ReadElement, 'index'>): ParsedElement {
  if (!(value instanceof TooHeavy) && !isRecord(value)) return invalid('element: expected object');
  const parsed = value instanceof TooHeavy ? readElement(value.texts, value.why) : readElement(value);
  return parsed.kind === 'valid' ? parsed : { ...defined({ elementId: literalId }), ...parsed };
}

/** @param tooHeavy why the frame and the crop were not parsed. A route that skips frames does not need them. */
function readElement(value: Json, tooHeavy?: string): ParsedElement {
  const elementId = firstValue(value, ...idKeys);
  const elementType = firstValue(value, 'element_type', 'elementType', 'type');
  if (typeof elementId !== 'string' || elementId === '' || !isElementType(elementType)) {
    const faults = [describeId(elementId), describeElementType(elementType)];
    return invalid(tooHeavy ?? faults.filter((fault) => fault !== undefined).join('; '), value);
  }
  const { fault, ...data } = readFrameData(value, elementType);
  const crop = elementType === 'crop' ? readCrop(value) : {};
  return {
    kind: 'valid',
    element: {
      elementId,
      elementType,
      ...data,
      ...defined({
        crop: crop.label,
        cropType: crop.type,
        dataset: firstText(value, 'dataset'),
        inferenceSet: firstText(value, 'inference_set', 'inferenceSet'),
        frameId:
          firstText(value, 'frame_id', 'frameId') ??
          firstText(data.frame, 'task_id', 'taskId') ??
          (elementType === 'frame' ? elementId : undefined),
      }),
      faults: defined({ labels: tooHeavy ?? fault, crop: crop.fault }),
    },
  };
}

function invalid(why: string, value: Json = {}): ParsedElement {
  return { kind: 'invalid', why, ...defined({ elementId: firstText(value, ...idKeys) }) };
}

function isElementType(value: unknown): value is Element['elementType'] {
  return value === 'frame' || value === 'crop';
}

function describeId(id: unknown): string | undefined {
  if (id === '') return 'element_id: expected a non-empty string';
  return typeof id === 'string' ? undefined : describeWrongType('element_id', 'string', id);
}

function describeElementType(type: unknown): string | undefined {
  return isElementType(type) ? undefined : 'element_type: expected "frame" or "crop"';
}

/** Every crop needs labels to choose from; a frame without labels is a frame without labels. */
function readFrameData(
  value: Json,
  elementType: Element['elementType'],
): Pick<Element, 'frame' | 'labels' | 'inferences'> & { readonly fault?: string | undefined } {
  const isMissing = (part: unknown) => part === undefined && elementType === 'frame';
  const frame = firstValue(value, 'frame_data', 'frameData');
  if (!isRecord(frame)) {
    const fault = isMissing(frame) ? undefined : describeWrongType('frame_data', 'object', frame);
    return { frame: {}, labels: [], inferences: [], fault };
  }
  const labels = firstValue(frame, 'label_data', 'labelData');
  const inferences = firstValue(frame, 'inference_data', 'inferenceData');
  return {
    frame,
    labels: Array.isArray(labels) ? labels : [],
    inferences: Array.isArray(inferences) ? inferences : [],
    fault:
      Array.isArray(labels) || isMissing(labels)
        ? undefined
        : describeWrongType('frame_data.label_data', 'array', labels),
  };
}

function readCrop(value: Json): { label?: FrameLabel; type?: string | undefined; fault?: string } {
  const type = firstText(value, 'crop_type', 'cropType');
  const data = firstValue(value, 'crop_data', 'cropData');
  if (data === undefined) return { type };
  const label = readLabel(data);
  if (!label) return { type, fault: describeWrongType('crop_data', 'object', data) };
  const hasUuid = label.uuid === undefined || label.uuid === null || typeof label.uuid === 'string';
  return hasUuid
    ? { type, label }
    : { type, fault: describeWrongType('crop_data.uuid', 'string', label.uuid) };
}
