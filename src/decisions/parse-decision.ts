import { defined } from '../collections/defined';
import { type Decision, isRevision } from '../domain/decision';
import { cutToJsonBytes, cutToUnits } from '../text/cut';

/** A decision as a signal's arguments give it, or why they decide nothing. */
export type ParsedDecision = Decision | { readonly kind: 'nothing'; readonly why: string };

/** A decision whose every field was checked. */
export interface StrictDecision {
  readonly kind: 'decision';
  readonly decision: Decision['kind'];
  readonly revision: string;
  readonly by?: string;
  readonly reason?: string;
  readonly upTo?: number;
  /** Name of the gateway's proof. */
  readonly record?: string;
}

/** Which field a strict parser refuses, and why: a sentence that begins with `expected`. */
export interface InvalidDecision {
  readonly kind: 'invalid';
  readonly field: 'decision' | 'revision' | 'by' | 'reason' | 'upTo' | 'record';
  readonly sentence: string;
}

/** The lenient payload converter puts an object with this key where content cannot be decoded. */
export const undecodableKey = '$undecodable';

/** Characters of a reason. */
export const maxReasonCharacters = 2000;
/** Bytes of a reason as JSON: 2,000 characters of any script have no more. */
export const maxReasonBytes = 6000;
const maxNameCharacters = 200;
const maxNameBytes = 600;

/**
 * Reads the arguments of an `approve` signal, whatever they are. An explicit no and content that cannot be decoded decide
 * nothing; everything else is a yes. Never throws.
 */
export function parseApprove(args: readonly unknown[]): ParsedDecision {
  const given = unquote(args[0]);
  if (isUndecodable(given)) return { kind: 'nothing', why: 'its content cannot be decoded' };
  if (saysNo(given)) return { kind: 'nothing', why: 'it says no; use the signal reject to reject' };
  const upTo = lenientUpTo(given);
  if (upTo === 'invalid') return { kind: 'nothing', why: 'upTo must be a whole number from 1' };
  return { kind: 'approve', ...lenientFields(given), ...defined({ upTo }) };
}

/** Reads the arguments of a `reject` signal: a no, whatever they are. Never throws. */
export function parseReject(args: readonly unknown[]): Decision {
  const given = unquote(args[0]);
  return { kind: 'reject', ...(isUndecodable(given) ? {} : lenientFields(given)) };
}

/**
 * Reads a decision of somebody who gets an answer: the operator API, the page, the command, the update `decide`.
 * @param from `api`: the gateway knows the name from the token, refuses misspelt fields, and a reason that would have to be cut;
 *   `update`: the caller gives the name.
 */
export function parseDecisionStrictly(
  given: Readonly<Record<string, unknown>>,
  from: 'api' | 'update',
): StrictDecision | InvalidDecision {
  const { decision, revision, by, upTo, record } = given;
  if (decision !== 'approve' && decision !== 'reject')
    return invalid('decision', 'expected decision to be "approve" or "reject".');
  if (!isRevision(revision))
    return invalid(
      'revision',
      'expected revision to be the 12 or 64 hex digits, in lower case, that the plan shows.',
    );
  if (from === 'update' && !isName(by))
    return invalid('by', `expected by to be a name of 1 to ${maxNameCharacters} characters.`);
  const reason = parseReason(given, from);
  if (typeof reason === 'object') return reason;
  const misspelt = from === 'api' ? misspeltUpTo(given) : undefined;
  if (misspelt !== undefined)
    return invalid('upTo', `expected upTo, and not ${misspelt}: without it all labels would be approved.`);
  const hasUpTo = upTo !== undefined && upTo !== null;
  if (hasUpTo && !(decision === 'approve' && isCount(upTo)))
    return invalid(
      'upTo',
      'expected upTo to be a whole number from 1 to the plan’s labels, and only with approve.',
    );
  if (record !== undefined && !(typeof record === 'string' && /^[0-9a-f]{1,64}$/.test(record)))
    return invalid('record', 'expected record to be the name of a record, or absent.');
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

/** The reason of a decision, a pause or a cancel; undefined when there is none. */
export function parseReason(
  { reason }: Readonly<Record<string, unknown>>,
  from: 'api' | 'update',
): string | undefined | InvalidDecision {
  if (reason === undefined || reason === null || reason === '') return undefined;
  if (typeof reason !== 'string' || reason.length > maxReasonCharacters)
    return invalid('reason', `expected reason to be a text of at most ${maxReasonCharacters} characters.`);
  const kept = cutReason(reason);
  if (from === 'api' && [...kept].length < [...reason].length)
    return invalid('reason', `expected reason to be a text of at most ${maxReasonBytes} bytes in UTF-8.`);
  return kept;
}

/** An operator's name, in the size that is kept. */
export function cutName(name: string): string {
  return cutToJsonBytes(cutToUnits(name, maxNameCharacters), maxNameBytes);
}

/** A reason, in the size that is kept. */
export function cutReason(reason: string): string {
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

/** A slip of the pen must not approve all labels where a person meant the first few. */
function misspeltUpTo(given: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(given).find(
    (name) => name !== 'upTo' && name.toLowerCase().replace(/[^a-z]/g, '') === 'upto',
  );
}

function isUndecodable(given: unknown): boolean {
  return given instanceof Uint8Array || (isObject(given) && Object.hasOwn(given, undecodableKey));
}

function saysNo(given: unknown): boolean {
  if (isPlainNo(given)) return true;
  return (
    isObject(given) &&
    ['approved', 'decision'].some((name) => Object.hasOwn(given, name) && isPlainNo(given[name]))
  );
}

function isPlainNo(given: unknown): boolean {
  return (
    given === false ||
    (typeof given === 'string' && ['no', 'reject', 'false'].includes(given.trim().toLowerCase()))
  );
}

function lenientFields(given: unknown): Pick<Decision, 'revision' | 'by' | 'reason'> {
  if (typeof given === 'string' && given.trim() !== '') return { reason: cutReason(given) };
  if (!isObject(given)) return {};
  const revision = lenientText(given['revision']);
  const by = lenientText(given['by']);
  const reason = lenientText(given['reason']);
  return {
    ...defined({
      revision: revision === undefined ? undefined : revision.trim().toLowerCase(),
      by: by === undefined ? undefined : cutName(by),
      reason: reason === undefined ? undefined : cutReason(reason),
    }),
  };
}

function lenientUpTo(given: unknown): number | 'invalid' | undefined {
  const upTo = isObject(given) ? given['upTo'] : undefined;
  if (upTo === undefined || upTo === null) return undefined;
  const count = typeof upTo === 'string' && /^\d{1,9}$/.test(upTo) ? Number(upTo) : upTo;
  return isCount(count) ? count : 'invalid';
}

/** Text of a field; a revision of 12 decimal digits arrives as a number when it is not quoted. */
function lenientText(value: unknown): string | undefined {
  if (Number.isFinite(value)) return String(value);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value.slice(0, maxReasonCharacters) : 'something that is not text';
}

/** JSON that was quoted once or twice too often, as shells make it. */
function unquote(given: unknown): unknown {
  let value = given;
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
