import { z } from 'zod';
import type { Element } from '../domain/element';

/**
 * One element, snake_case or camelCase. Only what Requeue reads can make it invalid; unknown keys pass. Source: Aquarium's
 * webhook guide and its Python client (`IssueElement`).
 */
const labelSchema = z.looseObject({
  uuid: z.string().nullish(),
  label: z.string().nullish().catch(undefined),
  attributes: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const frameSchema = z.looseObject({ label_data: z.array(labelSchema).nullish(), labelData: z.array(labelSchema).nullish() });
const cropSchema = z.looseObject({ uuid: z.string().nullish() });
const idSchema = z.string().min(1);
const typeSchema = z.enum(['frame', 'crop']);
const elementSchema = z.looseObject({
  element_id: idSchema.nullish(),
  elementId: idSchema.nullish(),
  id: z.unknown().optional(),
  element_type: typeSchema.nullish(),
  elementType: typeSchema.nullish(),
  type: z.unknown().optional(),
  frame_data: frameSchema.nullish(),
  frameData: frameSchema.nullish(),
  crop_data: cropSchema.nullish().catch(undefined),
  cropData: cropSchema.nullish().catch(undefined),
});

export type ParsedElement = { readonly kind: 'valid'; readonly element: Element } | { readonly kind: 'invalid'; readonly why: string };

/** The element in a parsed JSON value; `why` is a sentence of at most 300 characters. */
export function parseElement(value: unknown): ParsedElement {
  const parsed = elementSchema.safeParse(value);
  if (!parsed.success) return invalid(wordsOf(parsed.error));
  const read = parsed.data;
  const elementId = idSchema.safeParse(read.element_id ?? read.elementId ?? read.id);
  const elementType = typeSchema.safeParse(read.element_type ?? read.elementType ?? read.type);
  const frame = read.frame_data ?? read.frameData;
  if (!elementId.success) return invalid('element_id: expected a string that is not empty');
  if (!elementType.success) return invalid('element_type: expected "frame" or "crop"');
  if (!frame) return invalid('frame_data: expected an object');
  const labels = frame.label_data ?? frame.labelData;
  if (!labels && elementType.data === 'crop') return invalid('frame_data.label_data: expected an array');
  return {
    kind: 'valid',
    element: {
      elementId: elementId.data,
      elementType: elementType.data,
      frame,
      labels: (labels ?? []).map(({ uuid, label, attributes }) => ({
        uuid: uuid ?? undefined,
        label: label ?? undefined,
        attributes: attributes ?? undefined,
      })),
      cropUuid: (read.crop_data ?? read.cropData)?.uuid ?? undefined,
    },
  };
}

function wordsOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'element'}: ${issue.message}`)
    .join('; ');
}

function invalid(why: string): ParsedElement {
  return { kind: 'invalid', why: why.slice(0, 300) };
}
