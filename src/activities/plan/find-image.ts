import type { SampleLabel } from '../../domain/plan-summary';
import { firstText, firstValue, isRecord } from '../../export-body/fields';

type Json = Readonly<Record<string, unknown>>;
type LabelImage = Pick<SampleLabel, 'imageUrl' | 'noImage'>;

/** Maximum characters of a link. A cloud store's signed link has a few hundred. */
const maxLength = 2000;

/**
 * Finds the image that a label is drawn on: `image_url` or `preview_url` of its sensor, as a link that a
 * browser can open. Another sensor's image would mislead the approver, so it is never shown. Source:
 * Aquarium's webhook guide and client.
 * @param coordinateFrame of the label.
 * @returns the link, or why there is none. Empty for a frame without sensors.
 */
export function findImage(frame: Json, coordinateFrame: string | undefined): LabelImage {
  const sensors = listSensors(frame);
  if (sensors.length === 0) return {};
  const own = coordinateFrame === undefined ? [] : findSensors(sensors, coordinateFrame);
  if (own.length > 0) return firstImage(own);
  const unnamed = sensors.filter((sensor) => sensorId(sensor) === undefined && frameId(sensor) === undefined);
  if (unnamed.length > 0) return onlyImage(unnamed);
  return coordinateFrame === undefined
    ? onlyImage(sensors)
    : { noImage: 'no sensor of the frame matches the label' };
}

/** Aquarium's client writes the sensor's id into the label even when the coordinate frame has another id. */
function findSensors(sensors: readonly Json[], coordinateFrame: string): readonly Json[] {
  const byId = sensors.filter((sensor) => sensorId(sensor) === coordinateFrame);
  return byId.length > 0 ? byId : sensors.filter((sensor) => frameId(sensor) === coordinateFrame);
}

/** An overlay, such as a depth map, has an `image_url` too. */
function firstImage(sensors: readonly Json[]): LabelImage {
  const sorted = [...sensors.filter(isPlainImage), ...sensors.filter((sensor) => !isPlainImage(sensor))];
  const texts = sorted.flatMap(imageTexts);
  const imageUrl = texts.map(httpUrl).find((url) => url !== undefined);
  if (imageUrl !== undefined) return { imageUrl };
  return { noImage: texts.length > 0 ? 'its address is not a web link' : 'the label is on no image' };
}

/** For a label that names no sensor: the frame's image, if it has just one. */
function onlyImage(sensors: readonly Json[]): LabelImage {
  const images = sensors.filter((sensor) => imageTexts(sensor).length > 0);
  const plain = images.filter(isPlainImage);
  const candidates = plain.length > 0 ? plain : images;
  return candidates.length > 1 ? { noImage: 'the label names no sensor' } : firstImage(candidates);
}

function listSensors(frame: Json): readonly Json[] {
  const sensors = firstValue(frame, 'sensor_data', 'sensorData');
  return Array.isArray(sensors) ? sensors.filter(isRecord) : [];
}

function sensorId(sensor: Json): string | undefined {
  return firstText(sensor, 'sensor_id', 'sensorId');
}

function frameId(sensor: Json): string | undefined {
  return firstText(sensor, 'coordinate_frame', 'coordinateFrame');
}

function isPlainImage(sensor: Json): boolean {
  return firstText(sensor, 'sensor_type', 'sensorType') === 'IMAGE_V0';
}

function imageTexts(sensor: Json): string[] {
  const urls = firstValue(sensor, 'data_urls', 'dataUrls');
  if (!isRecord(urls)) return [];
  return [firstText(urls, 'image_url', 'imageUrl'), firstText(urls, 'preview_url', 'previewUrl')].filter(
    (text) => text !== undefined,
  );
}

function httpUrl(value: string): string | undefined {
  if (value.length > maxLength || !URL.canParse(value)) return undefined;
  const { protocol, href, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? href : undefined;
}
