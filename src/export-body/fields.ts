/** Reads fields of parsed JSON whose types are not known yet. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the first of the fields that is a non-empty string. */
export function firstText(
  value: Readonly<Record<string, unknown>>,
  ...names: readonly string[]
): string | undefined {
  for (const name of names) {
    const found = value[name];
    if (typeof found === 'string' && found !== '') return found;
  }
  return undefined;
}

/** @returns the first of the fields that is neither absent nor null. */
export function firstValue(value: Readonly<Record<string, unknown>>, ...names: readonly string[]): unknown {
  for (const name of names) if (value[name] !== undefined && value[name] !== null) return value[name];
  return undefined;
}

/** Names the place and both types, and never the value: `crop_data: expected object, received string`. */
export function describeWrongType(place: string, expected: string, value: unknown): string {
  return value === undefined
    ? `${place}: expected ${expected}`
    : `${place}: expected ${expected}, received ${typeName(value)}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
