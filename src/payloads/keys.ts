import { isShortRevision } from '../domain/revision';
import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import type { Range } from '../domain/receipt';

/*
 * The layout of the payload store. Only this file creates keys. It escapes or checks every id, because an
 * untrusted id must never become a path.
 */
export const inboxFolder = 'inbox/';
export const deliveriesFolder = 'deliveries/';

export function deliveryKey(sha256: string): string {
  return `${deliveriesFolder}${checked(/^[0-9a-f]{64}$/, sha256, 'a sha256 in lower-case hex')}`;
}

export function inboxKey(requestId: string): string {
  return `${inboxFolder}${checkedRequestId(requestId)}.json`;
}

export const exportsFolder = 'exports/';

/** An operator's pause of a destination. */
export const destinationPauseKey = (destination: string): string =>
  `${destinationFolder(destination)}paused.json`;
/** Until when a destination asked to wait. */
export const destinationWaitKey = (destination: string): string =>
  `${destinationFolder(destination)}wait.json`;

/** A name is from the configuration; it is escaped like an issue id. */
function destinationFolder(destination: string): string {
  return `destinations/${issueKey(destination)}/`;
}

/** Contains all revisions of an issue. */
export function issueFolder(issueId: string): string {
  return `${exportsFolder}${issueKey(issueId)}/`;
}

/**
 * For code that goes through all issues and does not have their ids.
 * @param key the name of an issue's folder, from `listIssueKeys`.
 */
export function folderOfIssueKey(key: string): string {
  return `${exportsFolder}${checked(isIssueKey, key, "an issue's folder")}/`;
}

/** Whether a name in `exports/` is an issue's folder. */
export function isIssueKey(name: string): boolean {
  return /^[a-z0-9_%-]{1,600}$/.test(name);
}

/** Whether a name in a revision's folder is an attempt's folder. */
export function isAttemptNumber(name: string): boolean {
  return /^\d{1,9}$/.test(name);
}

/** Contains all attempts at one revision of an issue. */
export function revisionFolder(issueId: string, revision: string): string {
  return `${issueFolder(issueId)}${checked(isShortRevision, revision, 'a revision of 12 hex digits')}/`;
}

export function attemptFolder(ref: AttemptRef): string {
  return `${revisionFolder(ref.issueId, ref.revision)}${ref.attempt}/`;
}

export const planKey = (ref: AttemptRef): string => `${attemptFolder(ref)}plan.json`;
export const labelsKey = (ref: AttemptRef): string => `${attemptFolder(ref)}labels.ndjson`;
/** The byte offset of each line of `labels.ndjson`, then the file's length: 8-byte little-endian integers. */
export const labelsIndexKey = (ref: AttemptRef): string => `${attemptFolder(ref)}labels.index`;
export const leftOutKey = (ref: AttemptRef): string => `${attemptFolder(ref)}left-out.ndjson`;
export const reportKey = (ref: AttemptRef): string => `${attemptFolder(ref)}report.json`;
export const reportCsvKey = (ref: AttemptRef): string => `${attemptFolder(ref)}report.csv`;
export const receiptsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}receipts/`;
export const receiptKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.json`;
/** The sent-mark, written before the call. */
export const sentKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.sent`;
/** Says that files of the attempt are gone and that this was accepted. */
export const lossNoteKey = (ref: AttemptRef): string => `${attemptFolder(ref)}lost.json`;
/** An operator's asking for the attempt's delivery once more. @param number from 1. */
export const askingKey = (ref: AttemptRef, number: number): string =>
  `${attemptFolder(ref)}again-${number}.json`;
/** The notices that Requeue could not send, after all retries. */
export const noticesKey = (ref: AttemptRef): string => `${attemptFolder(ref)}notices.ndjson`;
export const decisionProofsFolder = (issueId: string): string => `${issueFolder(issueId)}decisions/`;
export function decisionProofKey(issueId: string, record: string): string {
  return `${decisionProofsFolder(issueId)}${checked(/^[0-9a-f]{1,64}$/, record, 'a decision proof id')}.json`;
}
/** Contains a record of each request of the issue that was dropped. */
export const droppedRequestsFolder = (issueId: string): string => `${issueFolder(issueId)}dropped/`;
export function droppedRequestKey(issueId: string, requestId: string): string {
  return `${droppedRequestsFolder(issueId)}${checkedRequestId(requestId)}.json`;
}
/** Contains an empty object for each request that was added to the attempt's report, with the request's id. */
export const addedRequestsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}requests/`;
export const addedRequestKey = (ref: AttemptRef, requestId: string): string =>
  `${addedRequestsFolder(ref)}${checkedRequestId(requestId)}.json`;
/** Contains the attempt's applied decisions: one file each, with names that sort by time. */
export const appliedDecisionsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}decisions/`;
/** The labeling service's own message when it refused a complete call. */
export const refusalKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.refusal.json`;

/** Contains an empty object for each report, with the report's name. Rebuilt from `exports/`. */
export const reportNamesFolder = 'index/reports/';
/** Where each label is in the reports. Rebuilt from them. */
export const labelIndexKey = 'index/labels.bin';

/** `<issueKey>.<revision>.<attempt>`: an attempt's folder as one path segment. */
export const reportName = (ref: AttemptRef): string =>
  attemptFolder(ref).slice(exportsFolder.length, -1).replaceAll('/', '.');

export function reportNameKey(name: string): string {
  return `${reportNamesFolder}${checked(isReportName, name, 'the name of a report')}`;
}

/** The key of `report.json` of a named report. */
export function reportKeyOfName(name: string): string {
  return `${exportsFolder}${checked(isReportName, name, 'the name of a report').replaceAll('.', '/')}/report.json`;
}

/** The reverse of `reportKeyOfName`. */
export function nameOfReportKey(key: string): string {
  return key.slice(exportsFolder.length, -'/report.json'.length).replaceAll('/', '.');
}

export function isReportName(name: string): boolean {
  return /^[a-z0-9_%-]{1,600}\.[0-9a-f]{12}\.\d{1,9}$/.test(name);
}

/**
 * Encodes an issue id as one safe path segment: bytes outside `[a-z0-9_-]` become `%hh`. If the result is
 * longer than 200 bytes, it is `sha256-<hash>` instead. An id that already looks like `sha256-<hash>` is
 * hashed too, so that it can't share another issue's folder
 * (docs/decisions/009-an-issue-id-that-looks-like-a-hash-is-hashed.md).
 */
export function issueKey(issueId: string): string {
  let key = '';
  for (const byte of Buffer.from(issueId, 'utf8')) key += escapeByte(byte);
  return key.length > 200 || /^sha256-[0-9a-f]{64}$/.test(key)
    ? `sha256-${createHash('sha256').update(issueId, 'utf8').digest('hex')}`
    : key;
}

/** The reverse of `issueKey`. @returns undefined for a hash and for what `issueKey` does not write. */
export function issueIdOfKey(key: string): string | undefined {
  if (/^sha256-[0-9a-f]{64}$/.test(key)) return undefined;
  const bytes = (key.match(/%[0-9a-f]{2}|[^%]/g) ?? []).map((part) =>
    part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16),
  );
  const issueId = Buffer.from(bytes).toString('utf8');
  return issueKey(issueId) === key ? issueId : undefined;
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
}

/** The name of a file that is about one request: in the inbox, `dropped/`, or `requests/` of an attempt. */
export const requestFileName = /^([0-9A-Za-z-]{1,80})\.json$/;

/** @returns the request ids in the names of a folder, in their order. Other names are not Requeue's. */
export function requestIdsOf(names: readonly string[]): string[] {
  return names.flatMap((name) => requestFileName.exec(name)?.[1] ?? []);
}

function checkedRequestId(requestId: string): string {
  return checked(/^[0-9A-Za-z-]{1,80}$/, requestId, 'a request id');
}

function checked(rule: RegExp | ((value: string) => boolean), value: string, expected: string): string {
  if (!(rule instanceof RegExp ? rule.test(value) : rule(value)))
    throw new TypeError(`Expected ${expected}, got ${JSON.stringify(value.slice(0, 80))}.`);
  return value;
}
