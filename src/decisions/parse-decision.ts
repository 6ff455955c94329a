import { defined } from '../collections/defined';
import type { Decision } from '../domain/decision';
import { isRevision } from '../domain/revision';
import { cutToJsonBytes, cutToUnits } from '../text/cut';
import { formatNumber } from '../text/format-number';

/** What a signal's arguments mean: a decision, or nothing and why. */
export type ParsedDecision = Decision | { readonly kind: 'nothing'; readonly why: string };

/** A decision whose fields are all valid. */
export interface StrictDecision {
  readonly kind: 'decision';
  readonly decision: Decision['kind'];
  readonly revision: string;
  readonly by?: string;
  readonly reason?: string;
  readonly upTo?: number;
  /** Name of the decision proof. */
  readonly record?: string;
}

export interface InvalidDecision {
  readonly kind: 'invalid';
  readonly field: 'decision' | 'revision' | 'by' | 'reason' | 'upTo' | 'record';
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

/**
 * Parses the arguments of an `approve` signal, whatever they are. An explicit no, undecodable content and an
 * invalid `upTo` decide nothing; anything else approves. Never throws.
 */
export function parseApprove(args: readonly unknown[]): ParsedDecision {
  const argument = unquote(args[0]);
  if (isUndecodable(argument)) return { kind: 'nothing', why: 'its content cannot be decoded' };
  if (meansNo(argument))
    return { kind: 'nothing', why: 'its content means no; use the signal reject to reject' };
  const upTo = lenientUpTo(argument);
  if (upTo === 'invalid') return { kind: 'nothing', why: 'upTo must be a whole number from 1' };
  return { kind: 'approve', ...lenientFields(argument), ...defined({ upTo }) };
}

/** Parses the arguments of a `reject` signal, whatever they are, as a rejection. Never throws. */
export function parseReject(args: readonly unknown[]): Decision {
  const argument = unquote(args[0]);
  return { kind: 'reject', ...(isUndecodable(argument) ? {} : lenientFields(argument)) };
}

/**
 * Parses a decision from the API, the page, a command or the update `decide`. Refuses invalid fields, because
 * the sender gets an answer.
 * @param from `api`: the sender's name comes from the token; a misspelt `upTo`, and a reason that would be
 *   truncated, are refused. `update`: the sender's name is in the arguments.
 */
export function parseDecisionStrictly(
  fields: Readonly<Record<string, unknown>>,
  from: 'api' | 'update',
): StrictDecision | InvalidDecision {
  const { decision, revision, by, upTo, record } = fields;
  if (decision !== 'approve' && decision !== 'reject')
    return invalid('decision', 'expected decision to be "approve" or "reject".');
  if (!isRevision(revision))
    return invalid(
      'revision',
      'expected revision to be 12 or 64 hex digits in lower case, as the plan shows it.',
    );
  if (from === 'update' && !isName(by))
    return invalid('by', `expected by to be a name with 1 to ${maxNameCharacters} characters.`);
  const reason = parseReason(fields, from);
  if (typeof reason === 'object') return reason;
  const misspelt = from === 'api' ? misspeltUpTo(fields) : undefined;
  if (misspelt !== undefined)
    return invalid('upTo', `expected upTo, and not ${misspelt}: without upTo, all labels would be approved.`);
  const hasUpTo = upTo !== undefined && upTo !== null;
  if (hasUpTo && !(decision === 'approve' && isCount(upTo)))
    return invalid(
      'upTo',
      'expected upTo to be a whole number from 1 to the number of labels in the plan, and only with approve.',
    );
  if (record !== undefined && !(typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record)))
    return invalid('record', 'expected record to be the name of a decision proof, or absent.');
  return {
    kind: 'decision',
    decision,
    revision,
    ...defined({
      by: from === 'update' ? cutName(by as string) : undefined,
      reason,
      upTo: hasUpTo ? (upTo as number) : undefined,
      record: record === undefined ? undefined : (record as string),
    }),
  };
}

/** Parses the reason of a decision, a pause or a cancel. @returns undefined if there is none. */
export function parseReason(
  { reason }: Readonly<Record<string, unknown>>,
  from: 'api' | 'update',
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

function isName(by: unknown): by is string {
  return typeof by === 'string' && by.trim() !== '' && by.length <= maxNameCharacters;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

/** A misspelt `upTo`, such as `upto`, must not approve all labels where the operator meant the first few. */
function misspeltUpTo(fields: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(fields).find(
    (name) => name !== 'upTo' && name.toLowerCase().replace(/[^a-z]/g, '') === 'upto',
  );
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

function lenientUpTo(value: unknown): number | 'invalid' | undefined {
  const upTo = isObject(value) ? value['upTo'] : undefined;
  if (upTo === undefined || upTo === null) return undefined;
  const count = typeof upTo === 'string' && /^\d{1,9}$/.test(upTo) ? Number(upTo) : upTo;
  return isCount(count) ? count : 'invalid';
}

/** A revision of 12 decimal digits arrives as a number if the sender did not quote it. */
function lenientText(value: unknown): string | undefined {
  if (Number.isFinite(value)) return String(value);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value.slice(0, maxReasonCharacters) : '(not text)';
}

/** Parses JSON up to three times, because shells and clients often quote it once or twice too often. */
function unquote(quoted: unknown): unknown {
  let value = quoted;
  for (let depth = 0; depth < 3 && typeof value === 'string'; depth += 1) {
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
