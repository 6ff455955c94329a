import { z } from 'zod';
import type { Element } from '../domain/element';
import { TooHeavy } from './element-weight';

export type ParsedElement =
  | { readonly kind: 'valid'; readonly element: Element }
  /** `why` has at most 300 characters. It contains keys and types, and never a value. */
  | { readonly kind: 'invalid'; readonly why: string };

/**
 * Parses an element with keys in snake_case or camelCase. Only the keys that Requeue reads can make an
 * element invalid; unknown keys are ignored. Source: Aquarium's webhook guide and its Python client
 * (`IssueElement`).
 * @param value the value of a `ReadElement`.
 */
export function parseElement(value: unknown): ParsedElement {
  if (value instanceof TooHeavy) return invalid(value.why);
  if (!isRecord(value)) return invalid('element: expected object');
  const parsed = elementSchema.safeParse(inOneSpelling(value));
  if (!parsed.success) return invalid(describeIssues(parsed.error));
  const {
    element_id: elementId,
    element_type: elementType,
    frame_data: frame,
    crop_data: crop,
  } = parsed.data;
  if (elementType === 'crop' && !frame?.label_data)
    return invalid(frame ? 'frame_data.label_data: expected array' : 'frame_data: expected object');
  const labels = (frame?.label_data ?? []).map(({ uuid, label, attributes }) => ({
    uuid: uuid ?? undefined,
    label: label ?? undefined,
    attributes: attributes ?? undefined,
  }));
  const shown = {
    dataset: textIn(value, 'dataset'),
    inferenceSet: textIn(value, 'inference_set', 'inferenceSet'),
    frameId: textIn(value, 'frame_id', 'frameId'),
  };
  return {
    kind: 'valid',
    element: {
      elementId,
      elementType,
      frame: frame ?? {},
      labels,
      cropUuid: crop?.uuid ?? undefined,
      ...shown,
    },
  };
}

/** zod copies only these fields of a label, because an element may have thousands of labels. */
const labelSchema = z.object({
  uuid: z.string().nullish(),
  label: z.string().nullish().catch(undefined), // only for display, so a wrong type is ignored
  // A wrong type is ignored here: a label without an id in its attributes is left out with its own reason.
  attributes: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const elementSchema = z.object({
  element_id: z.string().min(1, 'expected a non-empty string'),
  element_type: z.enum(['frame', 'crop']),
  frame_data: z.looseObject({ label_data: z.array(labelSchema).nullish() }).nullish(),
  crop_data: z.object({ uuid: z.string().nullish() }).nullish(),
});

/**
 * Renames the keys that Requeue reads to the guide's spelling. The first spelling that has a value counts.
 */
function inOneSpelling(value: Record<string, unknown>): Record<keyof z.input<typeof elementSchema>, unknown> {
  const type = value['element_type'] ?? value['elementType'] ?? value['type'];
  const frame = value['frame_data'] ?? value['frameData'];
  return {
    element_id: value['element_id'] ?? value['elementId'] ?? value['id'],
    element_type: type,
    frame_data: isRecord(frame) ? { ...frame, label_data: frame['label_data'] ?? frame['labelData'] } : frame,
    // Only crops need crop_data, so a frame's crop_data can't make the frame invalid.
    crop_data: type === 'crop' ? (value['crop_data'] ?? value['cropData']) : undefined,
  };
}

/** Requeue only shows and counts these strings, so it ignores a value of another type. */
function textIn(value: Record<string, unknown>, ...names: readonly string[]): string | undefined {
  for (const name of names) if (typeof value[name] === 'string' && value[name] !== '') return value[name];
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.')}: ${message.replace('Invalid input: ', '')}`)
    .join('; ');
}

function invalid(why: string): ParsedElement {
  return { kind: 'invalid', why: why.slice(0, 300) };
}
