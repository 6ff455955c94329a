import { JsonScanner, type JsonType } from './json-scanner';

/** The number of containers around a key of the outermost object. */
const keyDepth = 1;
/** Maximum bytes of a key, and of a value. A longer one is passed over: names and ids are far shorter. */
const maxTextBytes = 4096;
/** Maximum number of texts. Aquarium sends a dozen. */
const maxTexts = 100;

/**
 * Reads the keys of a JSON object whose values are strings, without parsing the other values.
 * @param bytes valid JSON.
 */
export function readTopLevelTexts(bytes: Buffer): Record<string, string> {
  const texts = new Map<string, string>();
  let key = '';
  let start = 0;
  let type: JsonType = 'null';
  const textUntil = (end: number): string =>
    end - start > maxTextBytes ? '' : (JSON.parse(bytes.toString('utf8', start, end)) as string);
  const scanner = new JsonScanner(
    {
      keyStart: (_depth, at) => void (start = at),
      keyEnd: (_depth, end) => void (key = textUntil(end)),
      valueStart: (_depth, begun, at) => void ([type, start] = [begun, at]),
      valueEnd: (depth, end) => {
        if (depth === keyDepth && type === 'string' && texts.size < maxTexts) texts.set(key, textUntil(end));
      },
    },
    keyDepth,
  );
  scanner.push(bytes);
  return Object.fromEntries(texts);
}
