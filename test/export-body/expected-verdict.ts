import type { Envelope } from '../../src/export-body/envelope';
import { readReference, type Reference } from './reference-json';

/**
 * The expected result: a refusal with this code, at this byte when the message names one; or these values.
 */
export type Verdict =
  | { readonly code: string; readonly at?: number }
  | { readonly code: 'taken'; readonly envelope: Envelope; readonly elements: readonly unknown[] };

type Json = Readonly<Record<string, unknown>>;

/**
 * The verdict on a small body: that of `JSON.parse`, apart from Requeue's own rules. A small body can break
 * these:
 * - a byte order mark at the start (its first byte is enough), nesting deeper than 64, an empty body;
 * - a duplicate key in the envelope, or in the issue of an `issue-exported`;
 * - a body that is not an object, or has no text in `event`;
 * - in an `issue-exported`: no project; no issue, or an issue that is not an object; an issue id that is
 *   absent, not a string, empty, over 2,048 bytes, or has a control character or half a surrogate pair;
 *   `elements` that are no array. Large bodies (an element over 4 MiB, over 2,000,000 elements, a text over
 *   64 KiB) have tests of their own.
 */
export function expectedVerdict(bytes: Buffer): Verdict & { readonly reference?: Reference } {
  if (bytes.length === 0) return { code: 'no-body' };
  if (bytes[0] === 0xef) return { code: 'byte-order-mark' };
  const reference = readReference(bytes);
  if (reference.kind === 'key-twice') return { code: 'key-twice', reference };
  if (reference.kind !== 'whole') return { code: names[reference.kind], at: reference.at, reference };
  return { ...verdictOnValue(JSON.parse(bytes.toString()), reference.issueKeyTwice), reference };
}

const names = {
  fault: 'broken-json',
  'cut-off': 'broken-json',
  'bad-utf8': 'bad-utf8',
  'too-deep': 'too-deep',
} as const;

function verdictOnValue(value: unknown, issueKeyTwice: boolean): Verdict {
  if (!isObject(value)) return { code: 'not-an-object' };
  const event = textAt(value, ['event']);
  if (!event) return { code: 'no-event' };
  const project = textAt(value, ['project', 'project_name', 'projectName']);
  if (event !== 'issue-exported')
    return { code: 'taken', envelope: { event, ...(project ? { project } : {}), elements: 0 }, elements: [] };
  if (!project) return { code: 'no-project' };
  const issue = own(value, 'issue');
  if (issue === undefined || issue === null) return { code: 'no-issue' };
  if (!isObject(issue)) return { code: 'issue-not-an-object' };
  if (issueKeyTwice) return { code: 'key-twice' };
  return verdictOnIssue(event, project, issue);
}

function verdictOnIssue(event: string, project: string, issue: Json): Verdict {
  const id = own(issue, 'id');
  if (id === undefined || id === null || id === '') return { code: 'no-issue-id' };
  if (typeof id !== 'string') return { code: 'issue-id-not-a-string' };
  if (/\p{Cc}/u.test(id)) return { code: 'issue-id-control-character' };
  if (/\p{Cs}/u.test(id)) return { code: 'issue-id-lone-surrogate' };
  if (Buffer.byteLength(id) > 2048) return { code: 'issue-id-too-long' };
  const value = own(issue, 'elements');
  if (value !== undefined && value !== null && !Array.isArray(value))
    return { code: 'elements-not-an-array' };
  const elements = elementsIn(issue);
  const first = isObject(elements[0]) ? textAt(elements[0], ['issue_name', 'issueName']) : undefined;
  const name = textAt(issue, ['name', 'issue_name', 'issueName']) ?? first;
  const named = name === undefined ? { id } : { id, name };
  return { code: 'taken', envelope: { event, project, issue: named, elements: elements.length }, elements };
}

function elementsIn(issue: unknown): readonly unknown[] {
  const elements = isObject(issue) ? own(issue, 'elements') : undefined;
  return Array.isArray(elements) ? elements : [];
}

function textAt(object: Json, keys: readonly string[]): string | undefined {
  return keys
    .map((key) => own(object, key))
    .find((value): value is string => typeof value === 'string' && value !== '');
}

function own(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
