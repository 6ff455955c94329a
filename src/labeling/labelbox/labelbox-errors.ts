import { defined } from '../../collections/defined';
import type { HttpReply, NoReply } from '../json-poster';
import { LabelingError, type LabelingErrorKind } from '../labeling-error';
import { retryAfterMs } from '../retry-after';

/**
 * How long to wait after Labelbox's body-level "You have exceeded …", which names no delay: its limits are
 * per minute.
 */
const exceededMs = 60_000;

/** What to do about an error, and our words for it after "The labeling service". */
type Verdict = readonly [kind: LabelingErrorKind, says: string];

/** GraphQL errors by `extensions.code`. Source: exceptions and client of Labelbox's Python SDK. */
const byCode: Readonly<Record<string, Verdict>> = {
  AUTHENTICATION_ERROR: ['key-refused', 'does not accept the API key'],
  AUTHORIZATION_ERROR: ['key-refused', 'says that the API key may not do this'],
  RESOURCE_NOT_FOUND: ['project-unknown', 'does not know the project'],
  GRAPHQL_VALIDATION_FAILED: ['call-refused', 'refuses the mutation: it does not fit its schema'],
  GRAPHQL_PARSE_FAILED: ['call-refused', 'refuses the mutation: it cannot be parsed'],
  OPERATION_NOT_ALLOWED: ['call-refused', 'does not allow this mutation'],
  MALFORMED_REQUEST: ['bad-items', 'refuses some of the labels'],
  RESOURCE_CONFLICT: ['call-refused', 'reports a conflict with another change'], // final in the SDK too
};

/** INTERNAL_SERVER_ERROR by `extensions.exception.status`, which tells the truth (same source). */
const byExceptionStatus: Readonly<Record<number, Verdict>> = {
  400: ['bad-items', 'refuses some of the labels'],
  422: ['bad-items', 'refuses some of the labels'],
  426: ['call-refused', 'has no quota left for this account'],
  500: ['call-refused', 'failed for good'],
};

const failedForNow: Verdict = ['retryable', 'failed for now'];
const unknownError: Verdict = ['call-refused', 'refuses the call with an error that Requeue does not know'];

const byStatus: Readonly<Record<number, Verdict>> = {
  400: ['bad-items', 'refuses some of the labels'],
  401: ['key-refused', 'does not accept the API key'],
  403: ['key-refused', 'says that the API key may not do this'],
  404: ['call-refused', 'has no GraphQL endpoint at the configured address'],
  408: ['retryable', 'waited too long for the call'],
  413: ['too-large', 'refuses a call of this size'],
  422: ['bad-items', 'refuses some of the labels'],
  429: ['retryable', 'asks for fewer calls'],
};

/**
 * The `data` of a reply.
 *
 * @throws {LabelingError} for every other reply. Our sentence names status and known code alone; the
 *   service's words, which may name label ids, are its `detail`.
 */
export function readData(reply: HttpReply): object {
  const body = parseBody(reply.text);
  if (typeof body?.message === 'string' && body.message.startsWith('You have exceeded')) {
    throw toLabelingError(reply, ['retryable', 'asks for fewer calls'], undefined, exceededMs);
  }
  const ofStatus = statusVerdict(reply.status);
  const errors = Array.isArray(body?.errors) ? (body.errors as unknown[]) : [];
  const known = errors.map(errorVerdict).find((verdict) => verdict !== undefined);
  if (known && mayBeToldByCode(ofStatus)) throw toLabelingError(reply, known.verdict, known.code);
  if (ofStatus) throw toLabelingError(reply, ofStatus);
  if (errors.length > 0) throw toLabelingError(reply, unknownError);
  if (reply.text === undefined)
    throw toLabelingError(reply, ['no-answer', 'answered, but its reply broke off or cannot be read']);
  if (typeof body?.data !== 'object' || body.data === null)
    throw toLabelingError(reply, ['no-answer', 'gave a reply that is not one of GraphQL']);
  return body.data;
}

/** Why there was no reply: before the request left it had no effect, after it the effect is unknown. */
export function noReplyError({ left, code, cause }: NoReply): LabelingError {
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') {
    return new LabelingError(
      'call-refused',
      'The labeling service cannot be called: its address or key is not valid.',
      { cause },
    );
  }
  if (left)
    return new LabelingError(
      'no-answer',
      `The labeling service gave no answer (${code}); what the call did is unknown.`,
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
  if (status >= 500) return failedForNow;
  return byStatus[status] ?? ['call-refused', 'refuses the call'];
}

/**
 * A code says more than 200, 400, 404 or 422; not more than a refused key, a size, or a time-out, which
 * proxies answer too.
 */
function mayBeToldByCode(ofStatus: Verdict | undefined): boolean {
  return ofStatus === undefined || ofStatus[0] === 'bad-items' || ofStatus[0] === 'call-refused';
}

function errorVerdict(error: unknown): { verdict: Verdict; code: string } | undefined {
  const extensions = (
    error as { extensions?: { code?: unknown; exception?: { status?: unknown } | null } | null } | null
  )?.extensions;
  const code = extensions?.code;
  if (typeof code !== 'string') return undefined;
  if (code === 'INTERNAL_SERVER_ERROR')
    return { code, verdict: byExceptionStatus[Number(extensions?.exception?.status)] ?? failedForNow };
  return Object.hasOwn(byCode, code) ? { code, verdict: byCode[code] ?? unknownError } : undefined;
}

function toLabelingError(
  reply: HttpReply,
  [kind, says]: Verdict,
  code?: string,
  waitMs?: number,
): LabelingError {
  const wait = kind === 'retryable' ? (retryAfterMs(reply.headers['retry-after']) ?? waitMs) : undefined;
  return new LabelingError(
    kind,
    `The labeling service ${says} (HTTP ${reply.status}${code === undefined ? '' : `, ${code}`}).`,
    {
      ...(reply.text ? { detail: reply.text } : {}),
      ...defined({ retryAfterMs: wait }),
    },
  );
}
