/** Maximum characters of a link. A cloud store's signed link has a few hundred. */
const maxLength = 2000;

/**
 * The first image of a frame that a browser can show: `sensor_data[].data_urls.image_url` or `preview_url`.
 * Only http and https links, with neither user nor password. Source: Aquarium's webhook guide and client.
 */
export function findImageUrl(frame: Readonly<Record<string, unknown>>): string | undefined {
  const sensors = frame['sensor_data'] ?? frame['sensorData'];
  for (const sensor of Array.isArray(sensors) ? (sensors as unknown[]) : []) {
    const urls = field(sensor, 'data_urls') ?? field(sensor, 'dataUrls');
    for (const name of ['image_url', 'imageUrl', 'preview_url', 'previewUrl']) {
      const url = httpUrl(field(urls, name));
      if (url) return url;
    }
  }
  return undefined;
}

function httpUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxLength || !URL.canParse(value)) return undefined;
  const { protocol, href, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' ? href : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
