import { LabelingError, type LabelingErrorKind } from './labeling-error';

/** How long to wait after Labelbox's body-level "You have exceeded …", which names no delay: its limits are per minute. */
const rateLimitMs = 60_000;

interface GraphQLFault {
  readonly message?: unknown;
  readonly extensions?: { readonly code?: unknown; readonly exception?: { readonly status?: unknown } };
}

/** A reply of Labelbox, parsed; every field is checked before use. */
export interface Reply {
  readonly errors?: unknown;
  readonly message?: unknown;
  readonly data?: unknown;
}

/** By `extensions.code`. Source: Labelbox's Python SDK (`exceptions.py`, `client.py`). */
const byCode: Readonly<Record<string, LabelingErrorKind>> = {
  AUTHENTICATION_ERROR: 'key-refused',
  AUTHORIZATION_ERROR: 'key-refused',
  RESOURCE_NOT_FOUND: 'project-unknown',
  GRAPHQL_VALIDATION_FAILED: 'call-refused',
  GRAPHQL_PARSE_FAILED: 'call-refused',
  OPERATION_NOT_ALLOWED: 'call-refused',
  MALFORMED_REQUEST: 'bad-items',
  RESOURCE_CONFLICT: 'try-again',
};

/** By `extensions.exception.status` of an INTERNAL_SERVER_ERROR: it tells the truth. 426: quota spent; 500: final. */
const byExceptionStatus: Readonly<Record<number, LabelingErrorKind>> = { 400: 'bad-items', 422: 'bad-items', 426: 'call-refused', 500: 'call-refused' };

/** Our sentences; none names an id. */
const sentences: Readonly<Record<LabelingErrorKind, string>> = {
  'try-again': 'Labelbox cannot answer now',
  'key-refused': 'Labelbox refused our API key',
  'project-unknown': 'Labelbox does not know the project',
  'call-refused': 'Labelbox refused the mutation or has no quota left',
  'too-large': 'Labelbox refused the size of the call',
  'bad-items': 'Labelbox refused some of the labels',
  'no-answer': 'Labelbox gave no usable answer',
};

/** The error in a reply's body, or undefined when it has none. Labelbox reports errors in a 200 too. */
export function errorInReply(reply: Reply, status: number): LabelingError | undefined {
  if (typeof reply.message === 'string' && reply.message.startsWith('You have exceeded')) {
    return labelboxError('try-again', status, { retryAfterMs: rateLimitMs, detail: reply.message });
  }
  if (!Array.isArray(reply.errors) || reply.errors.length === 0) return undefined;
  const [first] = reply.errors as GraphQLFault[];
  return labelboxError(kindOf(first), status, { detail: JSON.stringify(reply.errors) });
}

/** The error that a status alone tells; undefined for 2xx. */
export function errorOfStatus(status: number, more: { retryAfterMs?: number; detail?: string }): LabelingError | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 401 || status === 403) return labelboxError('key-refused', status, more);
  if (status === 413) return labelboxError('too-large', status, more);
  if (status === 400 || status === 422) return labelboxError('bad-items', status, more);
  if (status === 408 || status === 429 || status >= 500) return labelboxError('try-again', status, more);
  return labelboxError('call-refused', status, more);
}

export function labelboxError(kind: LabelingErrorKind, status: number | undefined, more: { retryAfterMs?: number; detail?: string; cause?: unknown } = {}): LabelingError {
  return new LabelingError(kind, `${sentences[kind]}${status === undefined ? '' : ` (HTTP ${status})`}.`, more);
}

function kindOf(fault: GraphQLFault | undefined): LabelingErrorKind {
  const code = fault?.extensions?.code;
  if (code === 'INTERNAL_SERVER_ERROR') return byExceptionStatus[Number(fault?.extensions?.exception?.status)] ?? 'try-again';
  return (typeof code === 'string' ? byCode[code] : undefined) ?? 'call-refused';
}
