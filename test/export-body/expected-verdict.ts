import type { Envelope } from '../../src/export-body/envelope';
import { readReference, type Reference } from './reference-json';

/** What has to become of a body: refused under this name, at this byte where one is named; or taken, with these values. */
export type Verdict =
  | { readonly code: string; readonly at?: number }
  | { readonly code: 'taken'; readonly envelope: Envelope; readonly elements: readonly unknown[] };

type Json = Readonly<Record<string, unknown>>;

/**
 * The verdict on a small body: that of `JSON.parse`, but for the contract's refusals. These are all of them that a small body can meet:
 * - a text that begins with a byte order mark (its first byte is enough), that is nested deeper than 64, or is empty;
 * - a key twice in the envelope, or in the issue of an `issue-exported`;
 * - no object; no text in `event`; and of an `issue-exported`: no project, no issue or one that is no object, an id that is absent,
 *   no string, empty, over 2,048 bytes or with a control character or half a surrogate pair, `elements` that are no array.
 * Bodies of a size (an element over 4 MiB, over 2,000,000 elements, a text over 64 KiB) have tests of their own.
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
  const given = own(issue, 'elements');
  if (given !== undefined && given !== null && !Array.isArray(given))
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
