import { defined } from '../../collections/defined';
import type { HttpReply, NoReply } from '../json-poster';
import { LabelingError, type LabelingErrorKind } from '../labeling-error';
import { retryAfterMs } from '../retry-after';

/**
 * Delay in ms after a body that begins with "You have exceeded …", which specifies none. Labelbox's limits
 * are per minute.
 */
const exceededMs = 60_000;

/** The kind of an error, and the rest of its sentence, which begins with "The labeling service". */
type Verdict = readonly [kind: LabelingErrorKind, predicate: string];

/** GraphQL errors by `extensions.code`. Source: exceptions and client of Labelbox's Python SDK. */
const byCode: Readonly<Record<string, Verdict>> = {
  AUTHENTICATION_ERROR: ['key-refused', 'does not accept the API key'],
  AUTHORIZATION_ERROR: ['key-refused', 'does not permit this call with the API key'],
  RESOURCE_NOT_FOUND: ['project-unknown', 'does not know the project'],
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
  500: ['call-refused', 'reports a permanent failure'],
};

const temporaryFailure: Verdict = ['retryable', 'reports a temporary failure'];
const unknownError: Verdict = ['call-refused', 'refuses the call with an error unknown to Requeue'];

const byStatus: Readonly<Record<number, Verdict>> = {
  400: ['bad-items', 'refuses some of the labels'],
  401: ['key-refused', 'does not accept the API key'],
  403: ['key-refused', 'does not permit this call with the API key'],
  404: ['call-refused', 'has no GraphQL endpoint at the configured address'],
  408: ['retryable', 'timed out while reading the call'],
  413: ['too-large', 'refuses a call of this size'],
  422: ['bad-items', 'refuses some of the labels'],
  429: ['retryable', 'limits the rate of calls'],
};

/**
 * Returns the `data` of a reply.
 * @throws {LabelingError} for every other reply. Its message contains only the status and a known code. The
 *   service's own words, which may contain label ids, are its `detail`.
 */
export function readData(reply: HttpReply): object {
  const body = parseBody(reply.text);
  if (typeof body?.message === 'string' && body.message.startsWith('You have exceeded')) {
    throw toLabelingError(reply, ['retryable', 'limits the rate of calls'], undefined, exceededMs);
  }
  const byHttpStatus = statusVerdict(reply.status);
  const errors = Array.isArray(body?.errors) ? (body.errors as unknown[]) : [];
  const known = errors.map(errorVerdict).find((verdict) => verdict !== undefined);
  if (known && isRefinedByCode(byHttpStatus)) throw toLabelingError(reply, known.verdict, known.code);
  if (byHttpStatus) throw toLabelingError(reply, byHttpStatus);
  if (errors.length > 0) throw toLabelingError(reply, unknownError);
  if (reply.text === undefined)
    throw toLabelingError(reply, ['no-answer', 'sent a reply that broke off or cannot be read']);
  if (typeof body?.data !== 'object' || body.data === null)
    throw toLabelingError(reply, ['no-answer', 'sent a reply that is not GraphQL']);
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

function statusVerdict(status: number): Verdict | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status >= 500) return temporaryFailure;
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

function errorVerdict(error: unknown): { verdict: Verdict; code: string } | undefined {
  const extensions = (
    error as { extensions?: { code?: unknown; exception?: { status?: unknown } | null } | null } | null
  )?.extensions;
  const code = extensions?.code;
  if (typeof code !== 'string') return undefined;
  if (code === 'INTERNAL_SERVER_ERROR')
    return { code, verdict: byExceptionStatus[Number(extensions?.exception?.status)] ?? temporaryFailure };
  return Object.hasOwn(byCode, code) ? { code, verdict: byCode[code] ?? unknownError } : undefined;
}

function toLabelingError(
  reply: HttpReply,
  [kind, predicate]: Verdict,
  code?: string,
  waitMs?: number,
): LabelingError {
  const wait = kind === 'retryable' ? (retryAfterMs(reply.headers['retry-after']) ?? waitMs) : undefined;
  return new LabelingError(
    kind,
    `The labeling service ${predicate} (HTTP ${reply.status}${code === undefined ? '' : `, ${code}`}).`,
    {
      ...(reply.text ? { detail: reply.text } : {}),
      ...defined({ retryAfterMs: wait }),
    },
  );
}
