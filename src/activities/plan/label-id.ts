import type { FrameLabel } from '../../domain/element';

type Json = Readonly<Record<string, unknown>>;

const ofLabel = 'attributes.';
/** Aquarium's client adds these to the names of metadata and of links between labels. */
const prefixes = ['', 'user__', 'link__'];

/** @param place a route's `labelId`. @returns what is there, whatever its type. */
export function readLabelId(label: FrameLabel, frame: Json, place: string): unknown {
  if (place === 'uuid') return label.uuid;
  return place.startsWith(ofLabel) ? own(label.attributes, place.slice(ofLabel.length)) : own(frame, place);
}

/**
 * Looks for a usable id under the same name with another prefix, or at the other of label and frame.
 * @param place a route's `labelId` that has no usable id.
 * @returns a `labelId` that has one.
 */
export function findLabelIdElsewhere(label: FrameLabel, frame: Json, place: string): string | undefined {
  if (place === 'uuid') return undefined;
  const key = place.startsWith(ofLabel) ? place.slice(ofLabel.length) : place;
  const name = key.replace(/^(user|link)__/, '');
  const places = [...prefixes.map((prefix) => `${ofLabel}${prefix}${name}`), `user__${name}`];
  return places.find((other) => {
    const found = readLabelId(label, frame, other);
    return typeof found === 'string' && found !== '';
  });
}

function own(object: Json | undefined, key: string): unknown {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}
