import { defined } from '../../collections/defined';
import type { HttpReply, NoReply } from '../json-poster';
import { LabelingError, type LabelingErrorKind } from '../labeling-error';
import { retryAfterMs } from '../retry-after';
import { findEvidence } from './answer-evidence';

/**
 * Delay in ms after a body that begins with "You have exceeded …", which specifies none. Labelbox's limits
 * are per minute.
 */
const exceededMs = 60_000;

/**
 * The kind of an error, the rest of its sentence, which begins with "The labeling service", and
 * `server-error` when the service failed while it executed the call.
 */
type Verdict = readonly [kind: LabelingErrorKind, predicate: string, origin?: 'server-error'];

/** GraphQL errors by `extensions.code`. Source: exceptions and client of Labelbox's Python SDK. */
const byCode: Readonly<Record<string, Verdict>> = {
  AUTHENTICATION_ERROR: ['key-refused', 'does not accept the API key'],
  AUTHORIZATION_ERROR: ['key-refused', 'does not permit this call with the API key'],
  GRAPHQL_VALIDATION_FAILED: ['call-refused', 'refuses the mutation: it does not match the schema'],
  GRAPHQL_PARSE_FAILED: ['call-refused', 'refuses the mutation: it cannot be parsed'],
  OPERATION_NOT_ALLOWED: ['call-refused', 'does not allow this mutation'],
  MALFORMED_REQUEST: ['bad-items', 'refuses some of the labels'],
  // non-retryable in the SDK too
  RESOURCE_CONFLICT: ['call-refused', 'reports a conflict with another change'],
};

/** INTERNAL_SERVER_ERROR by `extensions.exception.status`, which has the real status (same source). */
const byExceptionStatus: Readonly<Record<number, Verdict>> = {
  400: ['bad-items', 'refuses some of the labels'],
  422: ['bad-items', 'refuses some of the labels'],
  426: ['call-refused', 'has no quota left for this account'],
};

/** A service, or a proxy before it, may answer 5xx after the call had its effect. */
const failedInside: Verdict = ['no-answer', 'failed, and the call may have had an effect', 'server-error'];
/** Only this 5xx has no effect: the service turned the call away, and states when to come back. */
const notNow: Verdict = ['retryable', 'asks to call again later'];
const unknownError: Verdict = [
  'call-refused',
  'answers with an error unknown to Requeue, and the call may have had an effect',
  'server-error',
];
const partlyDone: Verdict = [
  'no-answer',
  'answers with a result and with errors, and the call may have had an effect',
  'server-error',
];
const projectUnknown: Verdict = ['project-unknown', 'does not know the project'];
const itemsUnknown: Verdict = ['items-unknown', 'does not know some of the labels'];

const exceeded: Verdict = ['retryable', 'limits the rate of calls'];

const byStatus: Readonly<Record<number, Verdict>> = {
  400: ['bad-items', 'refuses some of the labels'],
  401: ['key-refused', 'does not accept the API key'],
  403: ['key-refused', 'does not permit this call with the API key'],
  404: ['call-refused', 'has no GraphQL endpoint at the configured address'],
  408: ['retryable', 'timed out while reading the call'],
  413: ['too-large', 'refuses a call of this size'],
  422: ['bad-items', 'refuses some of the labels'],
  429: exceeded,
};

/** The ids of a call. They show what an error of its reply is about. */
export interface CallIds {
  readonly projectId?: string;
  readonly labelIds?: readonly string[];
}

/**
 * Returns the `data` of a reply: also beside errors, if it lists ids that were sent.
 * @throws {LabelingError} for every other reply. Its message contains only the status and a known code. The
 *   service's own words, which may contain label ids, are its `detail`.
 */
export function readData(reply: HttpReply, ids: CallIds = {}): object {
  const body = parseBody(reply.text);
  const byHttpStatus = statusVerdict(reply);
  if (typeof body?.message === 'string' && body.message.startsWith('You have exceeded')) {
    const verdict = reply.status >= 500 ? byHttpStatus : undefined; // a 5xx may have had an effect
    throw toLabelingError(reply, verdict ?? exceeded, undefined, exceededMs);
  }
  const errors = Array.isArray(body?.errors) ? (body.errors as unknown[]) : [];
  if (errors.length > 0 && isRefinedByCode(byHttpStatus)) {
    const shown = effectShown(body?.data, ids);
    if (shown === 'by-id' && !byHttpStatus) return body?.data as object;
    if (shown) throw toLabelingError(reply, partlyDone);
    const worst = mostImportant(errors.map((error) => errorVerdict(error, ids)));
    if (worst && (worst.code !== undefined || !byHttpStatus))
      throw toLabelingError(reply, worst.verdict, worst.code);
  }
  if (byHttpStatus) throw toLabelingError(reply, byHttpStatus);
  if (reply.isBrokenOff) throw toLabelingError(reply, ['no-answer', 'sent a reply that broke off']);
  if (reply.text === undefined)
    throw toLabelingError(reply, ['unreadable', 'sent a reply that is compressed or longer than 1 MiB']);
  if (typeof body?.data !== 'object' || body.data === null)
    throw toLabelingError(reply, ['unreadable', 'sent a reply that is not GraphQL']);
  return body.data;
}

/** Distinguishes a request that was never sent, and had no effect, from a request whose effect is unknown. */
export function noReplyError({ sent, code, cause }: NoReply): LabelingError {
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') {
    return new LabelingError(
      'call-refused',
      'The labeling service cannot be called: its address or API key is invalid.',
      { cause },
    );
  }
  if (sent)
    return new LabelingError(
      'no-answer',
      `The labeling service did not answer (${code}); the effect of the call is unknown.`,
      { cause },
    );
  return new LabelingError(
    'retryable',
    `The labeling service could not be reached (${code}); nothing was sent.`,
    { cause },
  );
}

/**
 * What the data beside errors shows: `by-id`, the labels that are done; `some`, that the call had an effect;
 * undefined, nothing, so that the errors alone count.
 */
function effectShown(data: unknown, { labelIds = [] }: CallIds): 'by-id' | 'some' | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { ids, counts, hasTrue, hasFalse } = findEvidence(data);
  if (!hasFalse && labelIds.some((id) => ids.has(id))) return 'by-id';
  return ids.size > 0 || hasTrue || [...counts].some((count) => count > 0) ? 'some' : undefined;
}

interface ReplyBody {
  readonly message?: unknown;
  readonly errors?: unknown;
  readonly data?: unknown;
}

function parseBody(text: string | undefined): ReplyBody | undefined {
  try {
    const body: unknown = JSON.parse(text ?? '');
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

function statusVerdict({ status, headers }: HttpReply): Verdict | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 503 && retryAfterMs(headers['retry-after']) !== undefined) return notNow;
  if (status >= 500) return failedInside;
  return byStatus[status] ?? ['call-refused', 'refuses the call'];
}

/**
 * Whether an error code is more precise than the status. It is for a 2xx, for refused labels (400, 422)
 * and for a refused call (404, and every status without a row). It is not for a refused key, a refused size,
 * a rate limit, a time-out or a 5xx, because proxies send these statuses too.
 */
function isRefinedByCode(verdict: Verdict | undefined): boolean {
  return verdict === undefined || verdict[0] === 'bad-items' || verdict[0] === 'call-refused';
}

interface ErrorVerdict {
  readonly verdict: Verdict;
  /** Absent for an error without a known code. */
  readonly code?: string;
}

/**
 * The error that decides about the call, by its rank: what may have had an effect, known codes first; then what
 * stops every call; then what is about some of the labels.
 */
function mostImportant(errors: readonly ErrorVerdict[]): ErrorVerdict | undefined {
  const rank = ({ verdict, code }: ErrorVerdict): number => {
    if (verdict[2] === 'server-error') return code === undefined ? 1 : 0;
    return verdict === itemsUnknown ? 3 : 2;
  };
  return errors.toSorted((a, b) => rank(a) - rank(b))[0];
}

function errorVerdict(error: unknown, ids: CallIds): ErrorVerdict {
  const { extensions, message, path } = (error ?? {}) as {
    readonly extensions?: {
      readonly code?: unknown;
      readonly exception?: { readonly status?: unknown } | null;
    };
    readonly message?: unknown;
    readonly path?: unknown;
  };
  const code = extensions?.code;
  if (typeof code !== 'string') return { verdict: unknownError };
  if (code === 'INTERNAL_SERVER_ERROR')
    return { code, verdict: byExceptionStatus[Number(extensions?.exception?.status)] ?? failedInside };
  if (code === 'RESOURCE_NOT_FOUND')
    return { code, verdict: namesProject(path, message, ids) ? projectUnknown : itemsUnknown };
  const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined;
  return known ? { code, verdict: known } : { verdict: unknownError };
}

/**
 * Whether an error is about the project: its path ends there, or its message names the project before any
 * label. "Label 7 was not found in project 3" is about the label. So is every message with a sent label's id.
 */
function namesProject(path: unknown, text: unknown, { projectId, labelIds = [] }: CallIds): boolean {
  if (Array.isArray(path) && /^project$/i.test(String(path.at(-1)))) return true;
  if (typeof text !== 'string') return false;
  const message = text.slice(0, 2000); // each sent id is searched for
  if (labelIds.some((id) => placeOfId(message, id) >= 0)) return false;
  const places = [message.search(/\bprojects?\b/i), placeOfId(message, projectId)].filter((at) => at >= 0);
  const label = message.search(/\blabels?\b/i);
  return places.length > 0 && (label < 0 || Math.min(...places) < label);
}

/** Where `message` has the id as a whole word; -1 where it does not. */
function placeOfId(message: string, id: string | undefined): number {
  if (!id) return -1;
  const isPartOfWord = (character: string | undefined) => /[\p{L}\p{N}_-]/u.test(character ?? '');
  for (let at = message.indexOf(id); at >= 0; at = message.indexOf(id, at + 1))
    if (!isPartOfWord(message[at - 1]) && !isPartOfWord(message[at + id.length])) return at;
  return -1;
}

function toLabelingError(
  reply: HttpReply,
  [kind, predicate, origin]: Verdict,
  code?: string,
  waitMs?: number,
): LabelingError {
  const mayWait = kind === 'retryable' || kind === 'no-answer';
  const wait = mayWait ? (retryAfterMs(reply.headers['retry-after']) ?? waitMs) : undefined;
  return new LabelingError(
    kind,
    `The labeling service ${predicate} (HTTP ${reply.status}${code === undefined ? '' : `, ${code}`}).`,
    {
      ...defined({ detail: reply.text || undefined, retryAfterMs: wait }),
      isServerError: origin === 'server-error',
      answer: code ?? String(reply.status),
    },
  );
}
