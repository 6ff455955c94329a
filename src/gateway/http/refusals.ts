import type { ExportRequest } from '../../domain/request';
import { formatDuration } from '../../text/duration';
import { cutWithEllipsis } from '../../text/cut';
import { formatNumber } from '../../text/format-number';

/** One refusal. A function receives the values that the sentence or the headers contain. */
interface RefusalEntry {
  readonly status: number;
  readonly sentence: string | ((values: never) => string);
  readonly headers?: Readonly<Record<string, string>> | ((values: never) => Record<string, string>);
  /** The first words of the message. Default: the status's reason phrase. */
  readonly phrase?: string;
}

const retryAfter = (seconds: number) => ({ 'Retry-After': String(seconds) });
const bearer = { 'WWW-Authenticate': 'Bearer realm="requeue"' };
/** Used when the caller supplies the sentence, which comes from the decision parser or the workflow. */
const asGiven = (sentence: string): string => sentence;

/**
 * The gateway's refusals by name. Names and statuses are part of the HTTP API. Refusals because of a delivery's
 * content are in `bodyRefusals`: src/export-body does not depend on the gateway.
 */
export const refusals = {
  // A delivery is refused for its address or its headers.
  'secret-missing': {
    status: 401,
    sentence:
      'the header X-Aquarium-Secret is missing. Generate a secret in Aquarium’s organisation settings and set Requeue’s AQ_WEBHOOK_SECRET to it.',
  },
  'secret-wrong': {
    status: 401,
    sentence:
      'the secret in X-Aquarium-Secret is not the one that Requeue expects. Was a new secret generated in Aquarium?',
    // as in the handler of Aquarium's webhook guide, which answers a wrong secret with 400
    phrase: 'Bad Request',
  },
  'secret-twice': {
    status: 401,
    sentence:
      'the request has more than one X-Aquarium-Secret header. Something between Aquarium and Requeue adds one.',
  },
  'not-found': {
    status: 404,
    sentence: (what: { readonly path: string } | 'report') =>
      what === 'report'
        ? 'expected report.json or report.csv.'
        : `there is nothing at ${JSON.stringify(what.path)}. Deliveries go to POST /webhook.`,
  },
  'method-not-allowed': {
    status: 405,
    sentence: ({ method, allow }: { readonly method: string; readonly allow: string }) =>
      `expected ${allow}, got ${method.slice(0, 20)}.`,
    headers: ({ allow }: { readonly allow: string }) => ({ Allow: allow }),
  },
  'not-http': {
    status: 400,
    sentence: (fault: 'syntax' | 'no-host') =>
      fault === 'syntax'
        ? 'the request is not valid HTTP.'
        : 'expected a Host header, as HTTP/1.1 requires, got none.',
    headers: { Connection: 'close' }, // the gateway cannot tell where a next request would begin
  },
  'cut-off': { status: 400, sentence: 'the request ended before it was complete. Send it again.' },
  'headers-stalled': { status: 408, sentence: 'the headers did not arrive in time.' },
  'headers-too-large': { status: 431, sentence: 'the headers are larger than 16 KiB.' },
  'not-json': {
    status: 415,
    sentence: ({ type }: { readonly type: string }) =>
      `expected Content-Type: application/json, got ${type ? JSON.stringify(type.slice(0, 100)) : 'none'}.`,
  },
  compressed: {
    status: 415,
    sentence: ({ encoding }: { readonly encoding: string }) =>
      `expected an uncompressed body, got Content-Encoding: ${JSON.stringify(encoding.slice(0, 100))}.`,
    headers: { 'Accept-Encoding': 'identity' },
  },

  // A body is refused.
  'body-too-large': {
    status: 413,
    sentence: ({ maxBytes, isDelivery }: { readonly maxBytes: number; readonly isDelivery: boolean }) =>
      `the body exceeds the limit of ${formatNumber(maxBytes)} bytes.${isDelivery ? ' Export fewer elements at a time, or raise MAX_BODY_BYTES.' : ''}`,
  },
  'upload-stalled': {
    status: 408,
    sentence: (upload: { readonly bytes: number; readonly minBytes: number; readonly windowMs: number }) =>
      `the upload stalled after ${formatNumber(upload.bytes)} bytes: fewer than ${formatNumber(upload.minBytes)} bytes arrived in ${formatDuration(upload.windowMs, 'seconds')}. Export again.`,
  },
  'unknown-event': {
    status: 400,
    sentence: ({ event }: { readonly event: string }) =>
      `endpoint not setup to handle ${cutWithEllipsis(event, 101)} events yet`,
  },
  'bad-utf8': { status: 400, sentence: 'the body is not valid UTF-8.' },
  'broken-json': { status: 400, sentence: 'the body is not valid JSON.' },
  'not-an-object': { status: 400, sentence: 'expected the body to be a JSON object.' },

  // Requeue cannot accept the delivery now.
  'too-many-connections': {
    status: 503,
    sentence: 'all of Requeue’s connections are busy. Send the request again in a moment.',
    headers: retryAfter(10), // a stalled upload ends within 10 s and frees its connection
  },
  'too-many-slow-uploads': {
    status: 503,
    sentence: ({ bytes }: { readonly bytes: number }) =>
      `too many uploads are slow. This one was the slowest, so Requeue stopped it after ${formatNumber(bytes)} bytes. Nothing was accepted; export again.`,
    headers: retryAfter(60), // a broken proxy or network needs a while to recover
  },
  'store-full': {
    status: 507,
    sentence:
      'Requeue has no disk space left. Nothing was accepted; try again after the operator has freed some.',
    headers: retryAfter(60), // the operator has to free space
  },
  'store-unavailable': {
    status: 503,
    sentence: ({ reason }: { readonly reason: string }) =>
      `Requeue cannot use its store now (${reason}). Nothing was accepted; try again in a moment.`,
    headers: retryAfter(10), // most such faults pass: too many open files, a volume being remounted
  },
  'internal-error': {
    status: 500,
    sentence:
      'Requeue failed to handle this request and kept none of it. Try again. If it fails again, tell the operator: the reason is in the gateway’s log.',
  },

  // The operator API and the pages.
  'token-missing': {
    status: 401,
    sentence: (where: 'api' | 'page') =>
      where === 'api'
        ? 'expected an operator token as Authorization: Bearer <token>.'
        : 'your sign-in has ended. Sign in again in another tab, or reload this page.',
    // with this header on a page, the browser would ask for a password
    headers: (where: 'api' | 'page') => (where === 'api' ? bearer : {}),
  },
  'token-wrong': {
    status: 401,
    sentence: 'this operator token is not valid.',
    headers: bearer,
  },
  'cross-site': {
    status: 403,
    sentence: 'the request came from another site’s page. Use Requeue’s own page, or send an operator token.',
  },
  'not-a-form': {
    status: 415,
    sentence: 'expected a form from Requeue’s page (application/x-www-form-urlencoded).',
  },
  'not-a-sha256': {
    status: 400,
    sentence: 'expected the sha256 of a delivery: 64 hex digits in lower case.',
  },
  'not-a-boolean': {
    status: 400,
    sentence: ({ field }: { readonly field: string }) => `expected ${field} to be true or false.`,
  },
  'bad-decision': { status: 400, sentence: asGiven },
  'bad-revision': { status: 400, sentence: asGiven },
  'bad-up-to': { status: 400, sentence: asGiven },
  'bad-plan': { status: 400, sentence: asGiven },
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
    sentence: (rejectedBy: 'Temporal' | 'Requeue') =>
      rejectedBy === 'Temporal'
        ? 'Temporal rejects this page token. Start again from the first page.'
        : 'page is not a page token from Requeue. Start again from the first page.',
  },
  twice: {
    status: 400,
    sentence: ({ what }: { readonly what: string }) => `expected ${what} only once.`,
  },
  'no-such-export': {
    status: 404,
    sentence: ({ issueId }: { readonly issueId: string }) =>
      // the id comes last, so that the message limit truncates only the id
      `Requeue has no export of the issue ${JSON.stringify(issueId)}.`,
  },
  'no-such-report': {
    status: 404,
    sentence: ({ issueId }: { readonly issueId: string }) =>
      `the store has no report for the issue ${quoteIssueId(issueId)}.`,
  },
  'report-changed': {
    status: 409,
    sentence: ({ key }: { readonly key: string }) =>
      `the report was changed on disk after it was written. Restore it from the backup, or read the file as it is: ${key.slice(-150)} in the payload store.`,
  },
  'no-such-destination': {
    status: 404,
    sentence: ({ destinations }: { readonly destinations: readonly string[] }) =>
      `expected one of the destinations ${destinations.join(', ')}.`,
  },
  'no-such-delivery': {
    status: 404,
    sentence: ({ sha256 }: { readonly sha256: string }) =>
      `the store has no delivery with the sha256 ${sha256}.`,
  },
  'delivery-changed': {
    status: 409,
    sentence: ({ sha256 }: { readonly sha256: string }) =>
      `the delivery ${sha256} was changed on disk after it was accepted. Restore it from the backup, or export again.`,
  },
  'not-an-export': {
    status: 409,
    sentence: ({ sha256 }: { readonly sha256: string }) =>
      `the delivery ${sha256} is not an issue-exported event.`,
  },
  'not-started': {
    status: 503,
    sentence: ({ issueId }: { readonly issueId: string }) =>
      `the export of the issue ${quoteIssueId(issueId)} is accepted but has not started. Try again in a moment.`,
    headers: retryAfter(5), // dispatching takes a moment
  },
  'request-held': {
    status: 409,
    sentence: ({ issueId, reason }: { readonly issueId: string; readonly reason: string }) =>
      `the request for the issue ${quoteIssueId(issueId)} is held (${reason}); replay or drop its delivery.`,
  },
  'not-held': {
    status: 409,
    sentence: ({ sha256 }: { readonly sha256: string }) =>
      `no request of the delivery ${sha256} is held, and only a held request can be dropped.`,
  },
  'export-closed': { status: 409, sentence: describeClosedExport },
  'still-open': {
    status: 409,
    sentence: ({ issueId, revision, force = false, again }: OpenRequest) =>
      `the export of the issue ${quoteIssueId(issueId)} has not ended (revision ${revision}${again ? `; ${again.by} asked again for ${describeAsked(force)}` : ''}). Ask again when it has.`,
  },
  'attempt-unreadable': {
    status: 409,
    sentence: (folder: string) =>
      `neither the plan nor the report in ${folder.slice(-150)} can be read, so it is unknown what was done. Restore one of them, or ask again for all: that sends every label again.`,
  },
  'delivery-unknown': {
    status: 409,
    sentence: (folder: string) =>
      `neither the plan nor the report in ${folder.slice(-150)} can be read, and the store has no delivery of its revision. Restore one of them, or export again.`,
  },
  'nothing-left': {
    status: 409,
    sentence: ({ revision }: { readonly revision: string }) =>
      `revision ${revision} is completed: nothing is left to do. To send every label again, ask for all with a reason.`,
  },
  'paused-in-temporal': {
    status: 409,
    // short, because the command has to fit into the message; a workflow id has up to 213 bytes
    sentence: (command: string) => `Temporal itself paused this run. Unpause it: ${command}`,
  },
  'wrong-revision': { status: 409, sentence: asGiven },
  'already-decided': { status: 409, sentence: asGiven },
  'nothing-asked': { status: 409, sentence: asGiven },
  'decision-not-used': { status: 409, sentence: asGiven },
  'export-cancelled': { status: 409, sentence: asGiven },
  'plan-changed': { status: 409, sentence: asGiven },
  'question-expired': { status: 409, sentence: asGiven },
  'decision-refused': { status: 409, sentence: asGiven },
  'no-worker': {
    status: 503,
    sentence: (pending: 'progress' | 'decision') =>
      pending === 'progress'
        ? 'no worker answers now. Try again in a moment.'
        : 'no worker answers now. The decision is stored and may still count. Send the same decision again.',
    headers: retryAfter(5), // by then a restarted worker polls again
  },
  'no-temporal': {
    status: 503,
    sentence: 'Temporal does not answer now. Try again in a moment.',
    headers: retryAfter(5), // the gateway pings Temporal this often
  },
  'temporal-refuses': {
    status: 503,
    sentence: 'Temporal refuses the gateway’s API key or certificate. The operator must fix it.',
    headers: retryAfter(5), // like no-temporal
  },
} as const satisfies Readonly<Record<string, RefusalEntry>>;

export type RefusalName = keyof typeof refusals;

/** The arguments of `refuse` after the name: the values that the sentence contains, if any. */
export type RefusalValues<N extends RefusalName> = (typeof refusals)[N]['sentence'] extends (
  ...values: infer V
) => string
  ? V
  : [];

/** The refusals whose sentence the caller supplies. */
export type RefusalWithGivenSentence = {
  [N in RefusalName]: (typeof refusals)[N]['sentence'] extends typeof asGiven ? N : never;
}[RefusalName];

type OpenRequest = Pick<ExportRequest, 'issueId' | 'revision'> &
  Partial<Pick<ExportRequest, 'force' | 'again'>>;

/** What an operator asked for again. */
export function describeAsked(all: boolean): string {
  return all ? 'every label' : 'what was not done';
}

type ClosedExport =
  | { readonly kind: 'just-now' }
  | { readonly kind: 'ended'; readonly issueId: string; readonly revision: string; readonly outcome?: string }
  | { readonly kind: 'without-report'; readonly issueId: string; readonly status: string };

function describeClosedExport(closed: ClosedExport): string {
  switch (closed.kind) {
    case 'just-now':
      return 'the export ended just now. Read its report.';
    case 'ended':
      return `the export of the issue ${quoteIssueId(closed.issueId)} has ended: revision ${[closed.revision, closed.outcome].filter(Boolean).join(' ')}.`;
    case 'without-report':
      return `the workflow of the issue ${quoteIssueId(closed.issueId)} ended (${closed.status}) without a report.`;
  }
}

/** Truncates, because an issue id may have 2,048 bytes but a message only 300 characters. */
function quoteIssueId(issueId: string): string {
  return JSON.stringify(issueId.slice(0, 100));
}
