import type { SampleLabel } from '../../domain/plan-summary';
import { firstText, firstValue, isRecord } from '../../export-body/fields';

type Json = Readonly<Record<string, unknown>>;
type LabelImage = Pick<SampleLabel, 'imageUrl' | 'noImage'>;

/** Maximum characters of a link. A cloud store's signed link has a few hundred. */
const maxLength = 2000;
const onNoImage = 'the label is on no image';

/**
 * Finds the image that a label is drawn on: `image_url` or `preview_url` of its sensor, as a link that a
 * browser can open. Another sensor's image would mislead the approver, so none is shown when several are
 * possible. Source: Aquarium's webhook guide and client.
 * @param coordinateFrame of the label. Aquarium's client writes the sensor's id there, even when the sensor's
 *   coordinate frame has another id.
 * @returns the link, or why there is none. Empty for a frame without sensors.
 */
export function findImage(frame: Json, coordinateFrame: string | undefined): LabelImage {
  const sensors = listRecords(frame, 'sensor_data', 'sensorData');
  if (sensors.length === 0) return {};
  if (coordinateFrame === undefined) return onlyImage(sensors, 'the label names no sensor');
  const byId = sensors.filter((sensor) => sensorId(sensor) === coordinateFrame);
  if (byId.length > 0) return onlyImage(byId, 'several images have the sensor id that the label names');
  const byFrame = sensors.filter((sensor) => frameId(sensor) === coordinateFrame);
  if (byFrame.length > 0) return onlyImage(byFrame, 'several images have the label’s coordinate frame');
  if (sensors.some(isNamed)) return { noImage: 'no sensor of the frame matches the label' };
  if (isInWorld(frame, coordinateFrame)) return { noImage: onNoImage };
  return onlyImage(sensors, 'the frame has several images, and its sensors have no names');
}

/**
 * An overlay, such as a depth map, has an `image_url` too: it counts only without an `IMAGE_V0`.
 * @param ifSeveral why several images are none.
 */
function onlyImage(sensors: readonly Json[], ifSeveral: string): LabelImage {
  const images = sensors.filter((sensor) => imageTexts(sensor).length > 0);
  const plain = images.filter(isPlainImage);
  const [image, another] = plain.length > 0 ? plain : images;
  if (image === undefined) return { noImage: onNoImage };
  if (another !== undefined) return { noImage: ifSeveral };
  const texts = imageTexts(image);
  const imageUrl = texts.map(httpUrl).find((url) => url !== undefined);
  if (imageUrl !== undefined) return { imageUrl };
  const isTooLong = texts.some((text) => text.length > maxLength);
  return {
    noImage: isTooLong ? 'its address has more than 2,000 characters' : 'its address is not a web link',
  };
}

/** A label in the world, such as a cuboid, is on no image. */
function isInWorld(frame: Json, coordinateFrame: string): boolean {
  return listRecords(frame, 'coordinate_frames', 'coordinateFrames').some(
    (listed) =>
      firstText(listed, 'coordinate_frame_id', 'coordinateFrameId') === coordinateFrame &&
      firstText(listed, 'coordinate_frame_type', 'coordinateFrameType') === 'WORLD',
  );
}

function listRecords(frame: Json, ...names: readonly string[]): readonly Json[] {
  const found = firstValue(frame, ...names);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

function isNamed(sensor: Json): boolean {
  return sensorId(sensor) !== undefined || frameId(sensor) !== undefined;
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
