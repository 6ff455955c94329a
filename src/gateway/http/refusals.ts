import { cutToUnits } from '../../text/cut';

/** One refusal: what is answered under its name. A function takes the values that its sentence or headers show. */
interface RefusalEntry {
  readonly status: number;
  readonly sentence: string | ((values: never) => string);
  readonly headers?: Readonly<Record<string, string>> | ((values: never) => Record<string, string>);
  /** Begins the message in place of the status's own reason phrase. */
  readonly phrase?: string;
}

/** Seconds. */
const retryAfter = (seconds: number) => ({ 'Retry-After': String(seconds) });
const bearer = { 'WWW-Authenticate': 'Bearer realm="requeue"' };
/** A sentence that somebody else made: the rules of decisions, or the workflow. */
const asGiven = (sentence: string): string => sentence;

/**
 * Every refusal of the gateway. Names and statuses are part of the HTTP API. The faults of a delivery's body are not here: they
 * are `BodyError`s of src/export-body, which knows no gateway.
 */
export const refusals = {
  // A delivery is refused for its address or its headers.
  'secret-missing': {
    status: 401,
    sentence:
      'the header X-Aquarium-Secret is missing. Generate the secret in Aquarium’s organisation settings and give it to Requeue.',
  },
  'secret-wrong': {
    status: 401,
    sentence:
      'the secret in X-Aquarium-Secret is not the one Requeue knows. Was a new one generated in Aquarium?',
  },
  'secret-twice': {
    status: 401,
    sentence:
      'the header X-Aquarium-Secret was sent more than once; something between Aquarium and Requeue adds one.',
  },
  'not-found': {
    status: 404,
    sentence: (what: { readonly path: string } | 'report') =>
      what === 'report'
        ? 'a report is report.json or report.csv.'
        : `there is nothing at ${JSON.stringify(what.path)}. Deliveries go to POST /webhook.`,
  },
  'method-not-allowed': {
    status: 405,
    sentence: ({ method, allow }: { readonly method: string; readonly allow: string }) =>
      `${method.slice(0, 20)} is not possible here, only ${allow}.`,
    headers: ({ allow }: { readonly allow: string }) => ({ Allow: allow }),
  },
  'not-http': {
    status: 400,
    sentence: (fault: 'syntax' | 'no-host') =>
      fault === 'syntax'
        ? 'this is not a valid HTTP request.'
        : 'a request of HTTP/1.1 has a Host header, and this one has none.',
    headers: { Connection: 'close' }, // what follows on the connection cannot be trusted to be HTTP either
  },
  'cut-off': { status: 400, sentence: 'the request ended before its announced end. Send it again.' },
  'headers-stalled': { status: 408, sentence: 'the headers did not come in time.' },
  'headers-too-large': { status: 431, sentence: 'the headers are larger than 16 KiB.' },
  'not-json': {
    status: 415,
    sentence: ({ type }: { readonly type: string }) =>
      `expected Content-Type: application/json, got ${type ? JSON.stringify(type.slice(0, 100)) : 'none'}.`,
  },
  compressed: {
    status: 415,
    sentence: ({ encoding }: { readonly encoding: string }) =>
      `expected a body that is not compressed, got Content-Encoding: ${JSON.stringify(encoding.slice(0, 100))}.`,
    headers: { 'Accept-Encoding': 'identity' },
  },

  // A body is refused.
  'body-too-large': {
    status: 413,
    sentence: ({ maxBytes }: { readonly maxBytes: number }) =>
      `the body is larger than the ${maxBytes} bytes that Requeue takes. Export fewer elements at once, or raise MAX_BODY_BYTES.`,
  },
  'upload-stalled': {
    status: 408,
    sentence: (upload: { readonly bytes: number; readonly minBytes: number; readonly windowMs: number }) =>
      `the upload stalled after ${upload.bytes} bytes: fewer than ${upload.minBytes} bytes came in ${upload.windowMs / 1000} s. Export again.`,
  },
  'unknown-event': {
    status: 400,
    sentence: ({ event }: { readonly event: string }) =>
      `endpoint not setup to handle ${event.length > 100 ? `${cutToUnits(event, 100)}…` : event} events yet`,
  },
  'bad-utf8': { status: 400, sentence: 'the body is not valid UTF-8.' },
  'broken-json': { status: 400, sentence: 'the body is not valid JSON.' },
  'not-an-object': { status: 400, sentence: 'expected a JSON object in the body.' },

  // Requeue cannot.
  'too-many-connections': {
    status: 503,
    sentence: 'Requeue has too many connections at work. Send it again in a moment.',
    headers: retryAfter(10), // a connection is likely to be free then: an upload that stalls is ended in 10 s
  },
  'too-many-slow-uploads': {
    status: 503,
    sentence: ({ bytes }: { readonly bytes: number }) =>
      `too many slow uploads came at once, and this was the slowest: it ended after ${bytes} bytes. Nothing was accepted; export again.`,
    headers: retryAfter(60), // a broken proxy or line needs a while
  },
  'store-full': {
    status: 507,
    sentence:
      'Requeue has no room left to keep this. Nothing was accepted; try again when its operator has made room.',
    headers: retryAfter(60), // a person has to make room
  },
  'store-unavailable': {
    status: 503,
    sentence: ({ reason }: { readonly reason: string }) =>
      `Requeue’s store fails now (${reason}). Nothing was accepted; try again in a moment.`,
    headers: retryAfter(10), // most such faults pass: too many open files, a volume that is mounted again
  },
  'internal-error': {
    status: 500,
    sentence:
      'Requeue failed on this request and kept nothing of it; its log says why. Try again, and tell its operator if that does not help.',
  },

  // The operator API and the pages.
  'token-missing': {
    status: 401,
    sentence: (where: 'api' | 'page') =>
      where === 'api'
        ? 'this needs an operator token as Authorization: Bearer <token>.'
        : 'your sign-in has ended. Sign in again in another tab, or reload this page.',
    headers: (where: 'api' | 'page') => (where === 'api' ? bearer : {}), // a browser would ask for a password
  },
  'token-wrong': {
    status: 401,
    sentence: 'this operator token is not one that Requeue knows.',
    headers: bearer,
  },
  'cross-site': {
    status: 403,
    sentence: 'this request came from another site’s page; use Requeue’s own page, or a token.',
  },
  'not-a-form': { status: 415, sentence: 'expected a form of the page.' },
  'not-a-sha256': {
    status: 400,
    sentence: 'a delivery is named by its sha256: 64 hex digits in lower case.',
  },
  'not-a-boolean': {
    status: 400,
    sentence: ({ field }: { readonly field: string }) => `expected ${field} to be true or false.`,
  },
  'bad-decision': { status: 400, sentence: asGiven },
  'bad-revision': { status: 400, sentence: asGiven },
  'bad-up-to': { status: 400, sentence: asGiven },
  'bad-reason': { status: 400, sentence: asGiven },
  'bad-stage': {
    status: 400,
    sentence: ({ stages }: { readonly stages: readonly string[] }) =>
      `expected stage to be one of ${stages.join(', ')}.`,
  },
  'bad-limit': {
    status: 400,
    sentence: ({ max }: { readonly max: number }) => `expected limit to be a whole number from 1 to ${max}.`,
  },
  'bad-page': {
    status: 400,
    sentence: (unknownTo: 'Temporal' | 'Requeue') =>
      unknownTo === 'Temporal'
        ? 'this page of the list is not one that Temporal knows; begin again with the first.'
        : 'this page of the list is not one that Requeue gave; begin again with the first.',
  },
  twice: {
    status: 400,
    sentence: ({ what }: { readonly what: string }) => `expected ${what} once.`,
  },
  'no-such-export': {
    status: 404,
    sentence: ({ issueId }: { readonly issueId: string }) =>
      `no export is known of the issue ${JSON.stringify(issueId)}.`, // cut with the sentence
  },
  'no-such-report': {
    status: 404,
    sentence: ({ issueId }: { readonly issueId: string }) =>
      `no report of the issue ${quoteIssueId(issueId)} is in the store.`,
  },
  'no-such-destination': {
    status: 404,
    sentence: ({ destinations }: { readonly destinations: readonly string[] }) =>
      `expected one of the destinations ${destinations.join(', ')}.`,
  },
  'no-such-delivery': {
    status: 404,
    sentence: ({ sha256 }: { readonly sha256: string }) => `no delivery with the sha256 ${sha256} is kept.`,
  },
  'delivery-changed': {
    status: 409,
    sentence: ({ sha256 }: { readonly sha256: string }) =>
      `the delivery ${sha256} was changed on disk since it was accepted; restore it from the backup, or export again.`,
  },
  'not-an-export': {
    status: 409,
    sentence: ({ sha256 }: { readonly sha256: string }) =>
      `the delivery ${sha256} is not an issue-exported event.`,
  },
  'not-started': {
    status: 503,
    sentence: ({ issueId }: { readonly issueId: string }) =>
      `the export of the issue ${quoteIssueId(issueId)} is accepted and has not begun; try again in a moment.`,
    headers: retryAfter(5), // dispatching takes a moment
  },
  'request-held': {
    status: 409,
    sentence: ({ issueId, reason }: { readonly issueId: string; readonly reason: string }) =>
      `the request of the issue ${quoteIssueId(issueId)} is held (${reason}); replay its delivery.`,
  },
  'export-closed': { status: 409, sentence: describeClosedExport },
  'wrong-revision': { status: 409, sentence: asGiven },
  'already-decided': { status: 409, sentence: asGiven },
  'nothing-asked': { status: 409, sentence: asGiven },
  'decision-not-used': { status: 409, sentence: asGiven },
  'export-cancelled': { status: 409, sentence: asGiven },
  'decision-refused': { status: 409, sentence: asGiven },
  'no-worker': {
    status: 503,
    sentence: (asked: 'progress' | 'decision') =>
      asked === 'progress'
        ? 'no worker answers now; try again in a moment.'
        : 'no worker answers now; the decision is written down and may still count. Try the same again.',
    headers: retryAfter(5), // a worker that restarts polls again by then
  },
  'no-temporal': {
    status: 503,
    sentence: 'Temporal does not answer now; try again in a moment.',
    headers: retryAfter(5), // the gateway pings it this often
  },
  'temporal-refuses': {
    status: 503,
    sentence: 'Temporal refuses the gateway’s own key; its operator must mend it.',
    headers: retryAfter(5), // the gateway pings it this often
  },
} as const satisfies Readonly<Record<string, RefusalEntry>>;

export type RefusalName = keyof typeof refusals;

/** What `refuse` needs beside the name: nothing, or the values that the sentence shows. */
export type RefusalValues<N extends RefusalName> = (typeof refusals)[N]['sentence'] extends (
  ...values: infer V
) => string
  ? V
  : [];

/** The refusals whose whole sentence is given. */
export type RefusalWithGivenSentence = {
  [N in RefusalName]: (typeof refusals)[N]['sentence'] extends typeof asGiven ? N : never;
}[RefusalName];

type ClosedExport =
  | { readonly kind: 'just-now' }
  | { readonly kind: 'ended'; readonly issueId: string; readonly revision: string; readonly outcome?: string }
  | { readonly kind: 'without-report'; readonly issueId: string; readonly status: string };

function describeClosedExport(closed: ClosedExport): string {
  switch (closed.kind) {
    case 'just-now':
      return 'the export ended just now; look at its report.';
    case 'ended':
      return `the export of the issue ${quoteIssueId(closed.issueId)} has ended: revision ${closed.revision} ${closed.outcome ?? ''}.`;
    case 'without-report':
      return `the workflow of the issue ${quoteIssueId(closed.issueId)} has ended (${closed.status}) without a report.`;
  }
}

/** Leaves the sentence room for the rest: an issue id may have 2,048 bytes. */
function quoteIssueId(issueId: string): string {
  return JSON.stringify(issueId.slice(0, 100));
}
