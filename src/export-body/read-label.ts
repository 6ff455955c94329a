import { defined } from '../collections/defined';
import type { FrameLabel } from '../domain/element';
import { firstText, isRecord } from './fields';

/**
 * Reads a label of `label_data`, or `crop_data`. Ignores a class or attributes of the wrong type: a label
 * without an id in its attributes is left out with its own reason.
 * @returns undefined for a value that is not an object.
 */
export function readLabel(value: unknown): FrameLabel | undefined {
  if (!isRecord(value)) return undefined;
  const { uuid, label, attributes } = value;
  return {
    uuid,
    ...defined({
      label: typeof label === 'string' ? label : undefined,
      attributes: isRecord(attributes) ? attributes : undefined,
      // the second spelling is that of Aquarium's webhook guide
      coordinateFrame: firstText(
        value,
        'label_coordinate_frame',
        'label_coorindate_frame',
        'labelCoordinateFrame',
      ),
    }),
  };
}

/** @returns the first label with this uuid. Entries that are not labels are passed over. */
export function findByUuid(entries: readonly unknown[], uuid: unknown): FrameLabel | undefined {
  if (typeof uuid !== 'string') return undefined;
  return readLabel(entries.find((entry) => isRecord(entry) && entry['uuid'] === uuid));
}
