import { cutToJsonBytes, cutToUnits } from './text';

/** What a person said about an export. `by` is a claim, unless it is proven. */
export interface Decision {
  readonly kind: 'approve' | 'reject';
  /** 12 or 64 lower-case hex digits, or whatever else was given: then it matches nothing. */
  readonly revision?: string;
  readonly by?: string;
  /** `by` showed an operator's token to the gateway. */
  readonly proven?: boolean;
  /** How it came; absent: a signal. */
  readonly through?: 'update';
  readonly reason?: string;
  /** Absolute: approves labels 1 to `upTo` of the plan. */
  readonly upTo?: number;
}

/** What a signal's arguments say. */
export type Heard = Decision | { readonly kind: 'nothing'; readonly why: string };

/** The lenient payload converter puts an object with this key where content cannot be decoded. */
export const undecodableKey = '$undecodable';

/** Characters of an operator's words, and of a name, that are kept; bytes of both as JSON: 2,000 characters of any script have no more. */
export const maxWords = 2000;
export const maxWordsBytes = 6000;
const maxName = 200;
const maxNameBytes = 600;

/**
 * Reads the arguments of an `approve` signal, whatever they are. An explicit no and content that nobody can decode decide
 * nothing; everything else is a yes. Never throws.
 */
export function hearApprove(args: readonly unknown[]): Heard {
  const said = unquote(args[0]);
  if (isUndecodable(said)) return { kind: 'nothing', why: 'its content cannot be decoded' };
  if (isNo(said)) return { kind: 'nothing', why: 'it says no; use the signal reject to reject' };
  const words = wordsOf(said);
  const upTo = upToOf(said);
  if (upTo === 'wrong') return { kind: 'nothing', why: 'upTo must be a whole number from 1' };
  return { kind: 'approve', ...words, ...(upTo === undefined ? {} : { upTo }) };
}

/** Reads the arguments of a `reject` signal: a no, whatever they are. Never throws. */
export function hearReject(args: readonly unknown[]): Heard {
  const said = unquote(args[0]);
  return { kind: 'reject', ...(isUndecodable(said) ? {} : wordsOf(said)) };
}

/** Whether a decision that names `revision` is about the body with this sha256. */
export function isAbout(revision: string, sha256: string): boolean {
  return (revision.length === 12 || revision.length === 64) && sha256.startsWith(revision);
}

function isUndecodable(said: unknown): boolean {
  return said instanceof Uint8Array || (isObject(said) && Object.hasOwn(said, undecodableKey));
}

function isNo(said: unknown): boolean {
  return isPlainNo(said) || (isObject(said) && ['approved', 'decision'].some((name) => Object.hasOwn(said, name) && isPlainNo(said[name])));
}

function isPlainNo(said: unknown): boolean {
  return said === false || (typeof said === 'string' && ['no', 'reject', 'false'].includes(said.trim().toLowerCase()));
}

function wordsOf(said: unknown): Pick<Decision, 'revision' | 'by' | 'reason'> {
  if (typeof said === 'string' && said.trim() !== '') return { reason: wordsIn(said) };
  if (!isObject(said)) return {};
  const revision = textOf(said['revision']);
  const by = textOf(said['by']);
  const reason = textOf(said['reason']);
  return {
    ...(revision === undefined ? {} : { revision: revision.trim().toLowerCase() }),
    ...(by === undefined ? {} : { by: nameIn(by) }),
    ...(reason === undefined ? {} : { reason: wordsIn(reason) }),
  };
}

/** A name, in the size that is kept. */
export function nameIn(said: string): string {
  return cutToJsonBytes(cutToUnits(said, maxName), maxNameBytes);
}

/** A person's words, in the size that is kept. */
export function wordsIn(said: string): string {
  return cutToJsonBytes(cutToUnits(said, maxWords), maxWordsBytes);
}

function upToOf(said: unknown): number | 'wrong' | undefined {
  const given = isObject(said) ? said['upTo'] : undefined;
  if (given === undefined || given === null) return undefined;
  const count = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : given;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 1 ? count : 'wrong';
}

/** Text of a field; a revision of 12 decimal digits arrives as a number when it is not quoted. */
function textOf(value: unknown): string | undefined {
  if (Number.isFinite(value)) return String(value);
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value.slice(0, maxWords) : 'something that is not text';
}

/** JSON that was quoted once or twice too often, as shells make it. */
function unquote(said: unknown): unknown {
  let value = said;
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
