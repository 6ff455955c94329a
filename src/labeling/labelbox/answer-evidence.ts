import { fieldMeaning } from './answer-fields';

/** What the fields of an answer report about the labels of its call. */
export interface Evidence {
  /** The different counts. Several counts contradict each other. */
  readonly counts: ReadonlySet<number>;
  /** Ids that the answer lists as done, whether they were sent or not. */
  readonly ids: ReadonlySet<string>;
  readonly hasEmptyList: boolean;
  readonly hasTrue: boolean;
  readonly hasFalse: boolean;
  /** A failure is named, or a count is not a count. */
  readonly hasTrouble: boolean;
}

/** Maximum depth to search, because a reply must not overflow the stack. */
export const maxAnswerLevels = 16;

/** Collects the evidence wherever a configured mutation puts it. */
export function findEvidence(data: object): Evidence {
  const evidence = {
    counts: new Set<number>(),
    ids: new Set<string>(),
    hasEmptyList: false,
    hasTrue: false,
    hasFalse: false,
    hasTrouble: false,
  };
  collect(data, evidence, maxAnswerLevels, false);
  return evidence;
}

type Collected = { -readonly [K in keyof Evidence]: Evidence[K] } & {
  readonly counts: Set<number>;
  readonly ids: Set<string>;
};

/** @param inList whether `value` is part of a list: a `true` there is about one entry, not about the call. */
function collect(value: object, evidence: Collected, levels: number, inList: boolean): void {
  for (const [key, field] of Object.entries(value) as [string, unknown][]) {
    const meaning = fieldMeaning(key);
    if (meaning === 'trouble') evidence.hasTrouble ||= !isEmpty(field);
    else if (typeof field === 'boolean' && meaning === 'done') addFlag(field, evidence, inList);
    else if (typeof field === 'string' && meaning === 'done') addText(field, evidence);
    else if (meaning === 'count' || (meaning === 'done' && typeof field === 'number'))
      addCount(field, evidence);
    else if (meaning !== undefined && isIdList(field)) addIds(field, evidence);
    else if (typeof field === 'object' && field !== null && levels > 0)
      collect(field, evidence, levels - 1, inList || Array.isArray(value));
  }
}

function addFlag(flag: boolean, evidence: Collected, inList: boolean): void {
  evidence.hasFalse ||= !flag;
  evidence.hasTrue ||= flag && !inList;
}

/** A text alone confirms nothing, and one that does not say done contradicts: `"false"`, `"failed"`. */
function addText(text: string, evidence: Collected): void {
  if (/^\d+$/.test(text)) addCount(text, evidence);
  else
    evidence.hasFalse ||= !/^(true|yes|y|ok|done|success(ful)?|succeeded|deleted|removed)$/i.test(
      text.trim(),
    );
}

/** A count may be a text of digits, because JSON numbers can't hold every integer. */
function addCount(field: unknown, evidence: Collected): void {
  if (field === null) return;
  const count = typeof field === 'string' && /^\d+$/.test(field) ? Number(field) : field;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) evidence.counts.add(count);
  else evidence.hasTrouble = true;
}

function addIds(list: readonly unknown[], evidence: Collected): void {
  evidence.hasEmptyList ||= list.length === 0;
  for (const id of list.map(readId)) if (id !== undefined) evidence.ids.add(id);
}

function isIdList(field: unknown): field is readonly unknown[] {
  return Array.isArray(field) && field.every((entry) => readId(entry) !== undefined);
}

/** Reads an id, or an object that has nothing but an id: other fields might report that the label failed. */
function readId(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (typeof entry === 'number') return String(entry);
  if (typeof entry !== 'object' || entry === null) return undefined;
  const [field, ...more] = Object.entries(entry).filter(([key]) => key !== '__typename');
  const isAlone = more.length === 0 && (field?.[0] === 'id' || field?.[0] === 'labelId');
  return isAlone && typeof field?.[1] === 'string' ? field[1] : undefined;
}

/** Whether a field about failures reports none. */
function isEmpty(field: unknown): boolean {
  if (typeof field === 'object' && field !== null) return Object.keys(field).length === 0;
  return field === null || field === false || field === 0 || field === '' || field === '0';
}
