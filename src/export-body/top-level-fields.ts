import { JsonScanner, type JsonType } from './json-scanner';

/** The number of containers around a key of the outermost object. */
const keyDepth = 1;
/** Maximum number of fields of each kind. Aquarium sends a dozen. */
const maxFields = 100;

interface TopLevelFields {
  /** The values that are strings, by key. */
  readonly texts: Readonly<Record<string, string>>;
  /** The values that are numbers or booleans, by key, exactly as the body has them: `1.50` stays `1.50`. */
  readonly literals: Readonly<Record<string, string>>;
}

/**
 * Reads the keys of a JSON object whose values are strings, numbers or booleans, without parsing the other
 * values.
 * @param bytes valid JSON.
 */
export function readTopLevelFields(bytes: Buffer): TopLevelFields {
  const texts = new Map<string, string>();
  const literals = new Map<string, string>();
  let key = '';
  let start = 0;
  let type: JsonType = 'null';
  const rawUntil = (end: number): string => bytes.toString('utf8', start, end);
  const textUntil = (end: number): string => JSON.parse(rawUntil(end)) as string;
  const scanner = new JsonScanner(
    {
      keyStart: (_depth, at) => void (start = at),
      keyEnd: (_depth, end) => void (key = textUntil(end)),
      valueStart: (_depth, begun, at) => void ([type, start] = [begun, at]),
      valueEnd: (depth, end) => {
        if (depth !== keyDepth) return;
        if (type === 'string' && texts.size < maxFields) texts.set(key, textUntil(end));
        if (isLiteral(type) && literals.size < maxFields) literals.set(key, rawUntil(end));
      },
    },
    keyDepth,
  );
  scanner.push(bytes);
  return { texts: Object.fromEntries(texts), literals: Object.fromEntries(literals) };
}

function isLiteral(type: JsonType): boolean {
  return type === 'number' || type === 'true' || type === 'false';
}
