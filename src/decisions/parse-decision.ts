import { defined } from '../collections/defined';
import type { Decision } from '../domain/decision';
import { isRevision } from '../domain/revision';
import { cutToJsonBytes, cutToUnits } from '../text/cut';
import { formatNumber } from '../text/format-number';
import { printable } from '../text/printable';

/** What a signal's arguments mean: a decision, or nothing and why. */
export type ParsedDecision = Decision | NoDecision;

interface NoDecision {
  readonly kind: 'nothing';
  /** Part of a sentence, without a full stop. */
  readonly why: string;
}

/** A decision whose fields are all valid. */
export interface StrictDecision {
  readonly kind: 'decision';
  readonly decision: Decision['kind'];
  readonly revision: string;
  readonly by?: string;
  readonly reason?: string;
  readonly upTo?: number;
  readonly plan?: string;
  /** Name of the decision proof. */
  readonly record?: string;
}

/**
 * Where a decision comes from. `api`: the API, the page or a command; the sender's name comes from the token.
 * `update` and `signal`: the sender's name is in the arguments.
 */
type Door = 'api' | 'update' | 'signal';

/** What a `resume` signal's arguments mean. */
export interface ParsedResume {
  readonly kind: 'resume';
  readonly by?: string;
  readonly reason?: string;
  /** Name of the decision proof. */
  readonly record?: string;
  /** True if it ends only a pause that the labeling service caused. */
  readonly isForDestination: boolean;
}

export interface InvalidDecision {
  readonly kind: 'invalid';
  readonly field: 'key' | 'decision' | 'revision' | 'by' | 'reason' | 'upTo' | 'plan' | 'record';
  /** Begins with `expected` in lower case. */
  readonly sentence: string;
}

/** Key of the object that the lenient payload converter returns for undecodable content. */
export const undecodableKey = '$undecodable';

/** Maximum UTF-16 units of a reason. */
const maxReasonCharacters = 2000;
/** Maximum bytes of a reason as JSON. 2,000 units of any script fit; activity arguments stay under 10 KB. */
export const maxReasonBytes = 6000;
/** Maximum UTF-16 units of an operator's name. */
const maxNameCharacters = 200;
/** Maximum bytes of an operator's name as JSON: 200 units of any script fit. */
const maxNameBytes = 600;

/** The texts that approve without being JSON. */
const approvingWords = ['approve', 'approved', 'yes', 'y', 'ok'];
const resumingWords = ['resume', 'resumed', 'yes', 'y', 'ok'];

/** Only these keys: a key of a later version may limit the decision, so it must not be ignored. */
const knownKeys: Readonly<Record<Door | 'resume', readonly string[]>> = {
  api: ['decision', 'approved', 'revision', 'by', 'reason', 'upTo', 'plan'],
  signal: ['decision', 'approved', 'revision', 'by', 'reason', 'upTo', 'plan'],
  update: ['decision', 'approved', 'revision', 'by', 'reason', 'upTo', 'plan', 'record'],
  resume: ['by', 'reason', 'record', 'waitingFor'],
};

/** Ends the log entry about a signal that decides nothing. */
const whereTextBelongs = 'put any other text into {"reason":"…"}';

/**
 * Parses the arguments of an `approve` signal, whatever they are. Only what certainly means yes approves;
 * everything else decides nothing. Never throws.
 */
export function parseApprove(args: readonly unknown[]): ParsedDecision {
  const parsed = parseYes(args, approvingWords, 'use the signal reject to reject, and ');
  if (parsed.kind === 'yes') return { ...parsed, kind: 'approve' };
  if (parsed.kind === 'nothing') return parsed;
  const fields = parseFields({ decision: 'approve', ...parsed.fields }, 'signal');
  if (fields.kind === 'invalid') return noDecision(fields);
  const { kind: _kind, decision: _approve, ...rest } = fields;
  return { kind: 'approve', ...rest };
}

/** Parses the arguments of a `resume` signal as strictly as those of `approve`. Never throws. */
export function parseResume(args: readonly unknown[]): ParsedResume | NoDecision {
  const parsed = parseYes(args, resumingWords);
  if (parsed.kind !== 'fields')
    return parsed.kind === 'yes' ? { ...parsed, kind: 'resume', isForDestination: false } : parsed;
  const { fields } = parsed;
  const { by, record, waitingFor } = fields;
  const reason = parseReason(fields, 'signal');
  const invalidField =
    findUnknownKey(fields, 'resume') ??
    findNull(fields) ??
    checkName(by) ??
    checkRecord(record) ??
    checkWaitingFor(waitingFor);
  if (invalidField) return noDecision(invalidField);
  if (typeof reason === 'object') return noDecision(reason);
  return {
    kind: 'resume',
    isForDestination: waitingFor === 'destination',
    ...defined({ by: textOrAbsent(by, cutName), reason, record: textOrAbsent(record) }),
  };
}

/** Parses the arguments of a `reject` signal, whatever they are, as a rejection. Never throws. */
export function parseReject(args: readonly unknown[]): Decision {
  const argument = unquote(args[0], 3);
  return { kind: 'reject', ...(isUndecodable(argument) ? {} : lenientFields(argument)) };
}

/**
 * Parses a decision from the API, the page, a command or the update `decide`. Refuses invalid fields, because
 * the sender gets an answer.
 * @param from `api`: a reason that would be truncated is refused. `update`: the sender's name is required.
 */
export function parseDecisionStrictly(
  fields: Readonly<Record<string, unknown>>,
  from: 'api' | 'update',
): StrictDecision | InvalidDecision {
  const parsed = parseFields(fields, from);
  if (parsed.kind === 'invalid') return parsed;
  const { revision } = parsed;
  return revision === undefined ? invalidRevision : { ...parsed, revision };
}

type Fields = Omit<StrictDecision, 'revision'> & { readonly revision?: string };

/** The only parser of a decision's keys and values. Signals may write numbers and hex digits less strictly. */
function parseFields(fields: Readonly<Record<string, unknown>>, door: Door): Fields | InvalidDecision {
  const { decision, by, record } = fields;
  const nullField = decision === 'reject' ? undefined : findNull(fields);
  if (nullField) return nullField;
  if (decision !== 'approve' && decision !== 'reject')
    return invalid('decision', 'expected decision to be "approve" or "reject".');
  const unknownKey = findUnknownKey(fields, door);
  if (unknownKey) return unknownKey;
  if (isPresent(fields['approved']) && !(fields['approved'] === true && decision === 'approve'))
    return invalid('decision', 'expected approved to be true, and only with approve; reject with "reject".');
  const revision = parseRevision(fields['revision'], door);
  if (typeof revision === 'object') return revision;
  const invalidName = door === 'api' ? undefined : checkName(by, door === 'update');
  if (invalidName) return invalidName;
  const reason = parseReason(fields, door);
  if (typeof reason === 'object') return reason;
  const upTo = parseUpTo(fields['upTo'], door);
  if (typeof upTo === 'object' || (upTo !== undefined && decision === 'reject')) return invalidUpTo;
  const plan = fields['plan'] ?? undefined;
  if (plan !== undefined && !isRevision(plan))
    return invalid('plan', 'expected plan to be 12 or 64 hex digits in lower case, as the plan shows them.');
  const invalidRecord = checkRecord(record);
  if (invalidRecord) return invalidRecord;
  return {
    kind: 'decision',
    decision,
    ...defined({
      revision,
      by: door === 'api' ? undefined : textOrAbsent(by, cutName),
      reason,
      upTo,
      plan,
      record: textOrAbsent(record),
    }),
  };
}

/** Parses the reason of a decision, a pause or a cancel. @returns undefined if there is none. */
export function parseReason(
  { reason }: Readonly<Record<string, unknown>>,
  from: Door,
): string | undefined | InvalidDecision {
  if (reason === undefined || reason === null || reason === '') return undefined;
  if (typeof reason !== 'string' || reason.length > maxReasonCharacters)
    return invalid(
      'reason',
      `expected reason to be text with at most ${formatNumber(maxReasonCharacters)} characters.`,
    );
  const fitting = cutReason(reason);
  if (from === 'api' && [...fitting].length < [...reason].length)
    return invalid(
      'reason',
      `expected reason to be text with at most ${formatNumber(maxReasonBytes)} bytes in UTF-8.`,
    );
  return fitting;
}

/** Truncates an operator's name to the size that is stored. */
function cutName(name: string): string {
  return cutToJsonBytes(cutToUnits(name, maxNameCharacters), maxNameBytes);
}

/** Truncates a reason to the size that is stored. */
function cutReason(reason: string): string {
  return cutToJsonBytes(cutToUnits(reason, maxReasonCharacters), maxReasonBytes);
}

function invalid(field: InvalidDecision['field'], sentence: string): InvalidDecision {
  return { kind: 'invalid', field, sentence };
}

function noDecision({ sentence }: InvalidDecision): NoDecision {
  return { kind: 'nothing', why: `${sentence.replace(/\.$/, '')}; ${whereTextBelongs}` };
}

const invalidRevision = invalid(
  'revision',
  'expected revision to be 12 or 64 hex digits in lower case, as the plan shows it.',
);

const invalidUpTo = invalid(
  'upTo',
  'expected upTo to be a whole number from 1 to the number of labels in the plan, and only with approve.',
);

/** A misspelt `upTo`, such as `upto`, must not approve all labels where the operator meant the first few. */
function findUnknownKey(
  fields: Readonly<Record<string, unknown>>,
  door: keyof typeof knownKeys,
): InvalidDecision | undefined {
  const unknown = Object.keys(fields).find((key) => !knownKeys[door].includes(key));
  if (unknown === undefined) return undefined;
  const shown = printable(cutToUnits(unknown, 40));
  if (door !== 'resume' && unknown.toLowerCase().replace(/[^a-z]/g, '') === 'upto')
    return invalid('upTo', `expected upTo, and not ${shown}: without upTo, all labels would be approved.`);
  return invalid(
    'key',
    `expected only the keys ${knownKeys[door].join(', ')}, got ${JSON.stringify(shown)}.`,
  );
}

/**
 * `JSON.stringify` writes null for a number that could not be computed. Taken as absent, it would approve all
 * labels where the sender meant the first few, or any plan where the sender meant one.
 */
function findNull(fields: Readonly<Record<string, unknown>>): InvalidDecision | undefined {
  const key = Object.keys(fields).find((name) => fields[name] === null);
  if (key === undefined) return undefined;
  if (key === 'upTo')
    return invalid(
      'upTo',
      'expected upTo to be a whole number from 1; leave the key out to approve all labels.',
    );
  const field = key === 'approved' ? 'decision' : isField(key) ? key : 'key';
  return invalid(field, `expected ${key} to have a value, got null; leave the key out if there is none.`);
}

function isField(key: string): key is InvalidDecision['field'] {
  return ['decision', 'revision', 'by', 'reason', 'plan', 'record'].includes(key);
}

/** A revision of 12 decimal digits arrives as a number if the sender of a signal did not quote it. */
function parseRevision(revision: unknown, door: Door): string | undefined | InvalidDecision {
  if (door === 'signal' && !isPresent(revision)) return undefined;
  const digits = door === 'signal' ? String(revision).trim().toLowerCase() : revision;
  const isText = typeof revision === 'string' || (door === 'signal' && typeof revision === 'number');
  return isText && isRevision(digits) ? digits : invalidRevision;
}

function checkName(by: unknown, isRequired = false): InvalidDecision | undefined {
  const isName = typeof by === 'string' && by.trim() !== '' && by.length <= maxNameCharacters;
  if (isName || (!isRequired && !isPresent(by))) return undefined;
  return invalid('by', `expected by to be a name with 1 to ${maxNameCharacters} characters.`);
}

function parseUpTo(upTo: unknown, door: Door): number | undefined | InvalidDecision {
  if (!isPresent(upTo)) return undefined;
  const isDigits = door === 'signal' && typeof upTo === 'string' && /^\d{1,9}$/.test(upTo);
  const count = isDigits ? Number(upTo) : upTo;
  return isCount(count) ? count : invalidUpTo;
}

function checkRecord(record: unknown): InvalidDecision | undefined {
  if (record === undefined || (typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record)))
    return undefined;
  return invalid('record', 'expected record to be the name of a decision proof, or absent.');
}

function checkWaitingFor(waitingFor: unknown): InvalidDecision | undefined {
  if (!isPresent(waitingFor) || waitingFor === 'destination') return undefined;
  return invalid('key', 'expected waitingFor to be "destination", or absent.');
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function textOrAbsent(value: unknown, cut = (text: string) => text): string | undefined {
  return typeof value === 'string' ? cut(value) : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** A bare yes, the fields of an object, or nothing and why. */
type ParsedYes =
  | { readonly kind: 'yes'; readonly reason?: string }
  | { readonly kind: 'fields'; readonly fields: Readonly<Record<string, unknown>> }
  | NoDecision;

/** @param onNo advice for content that means no. */
function parseYes(args: readonly unknown[], words: readonly string[], onNo = ''): ParsedYes {
  const nothing = (why: string): NoDecision => ({ kind: 'nothing', why });
  if (args.length > 1) return nothing(`expected one argument, got ${args.length}; ${whereTextBelongs}`);
  const argument = unquote(args[0], 2);
  if (isUndecodable(argument))
    return nothing(`its content cannot be decoded; send JSON, and ${whereTextBelongs}`);
  if (meansNo(argument)) return nothing(`its content means no; ${onNo}${whereTextBelongs}`);
  if (argument === undefined || argument === null || argument === true) return { kind: 'yes' };
  if (Array.isArray(argument) && argument.length === 0) return { kind: 'yes' };
  if (typeof argument === 'string' && words.includes(argument)) return { kind: 'yes', reason: argument };
  if (isObject(argument)) return { kind: 'fields', fields: argument };
  return nothing(
    `expected ${words.join(', ')} or an object, got ${describeArgument(argument)}; ${whereTextBelongs}`,
  );
}

function describeArgument(argument: unknown): string {
  if (typeof argument === 'string') return JSON.stringify(printable(cutToUnits(argument, 60)));
  return Array.isArray(argument) ? 'a list' : `a ${typeof argument}`;
}

function isUndecodable(value: unknown): boolean {
  return value instanceof Uint8Array || (isObject(value) && Object.hasOwn(value, undecodableKey));
}

function meansNo(value: unknown): boolean {
  if (isPlainNo(value)) return true;
  return (
    isObject(value) &&
    ['approved', 'decision'].some((name) => Object.hasOwn(value, name) && isPlainNo(value[name]))
  );
}

function isPlainNo(value: unknown): boolean {
  return (
    value === false ||
    (typeof value === 'string' && ['no', 'reject', 'false'].includes(value.trim().toLowerCase()))
  );
}

function lenientFields(value: unknown): Pick<Decision, 'revision' | 'by' | 'reason'> {
  if (typeof value === 'string' && value.trim() !== '') return { reason: cutReason(value) };
  if (!isObject(value)) return {};
  const revision = lenientText(value['revision']);
  const by = lenientText(value['by']);
  const reason = lenientText(value['reason']);
  return {
    ...defined({
      revision: revision === undefined ? undefined : revision.trim().toLowerCase(),
      by: by === undefined ? undefined : cutName(by),
      reason: reason === undefined ? undefined : cutReason(reason),
    }),
  };
}

/** A revision of 12 decimal digits arrives as a number if the sender did not quote it. */
function lenientText(value: unknown): string | undefined {
  if (Number.isFinite(value)) return String(value);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value.slice(0, maxReasonCharacters) : '(not text)';
}

/** Parses JSON up to `times` times, because shells and clients often quote it once or twice too often. */
function unquote(quoted: unknown, times: number): unknown {
  let value = quoted;
  for (let depth = 0; depth < times && typeof value === 'string'; depth += 1) {
    const parsed = parseOrUndefined(value);
    if (parsed === undefined) return value;
    value = parsed;
  }
  return value;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
