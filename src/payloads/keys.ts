import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import type { Range } from '../domain/receipt';

/*
 * The layout of the payload store. Only this file makes keys. It escapes or checks every id, because an id from
 * outside must never become a path.
 */
export const inboxFolder = 'inbox/';
export const deliveriesFolder = 'deliveries/';

export function deliveryKey(sha256: string): string {
  return `${deliveriesFolder}${checked(/^[0-9a-f]{64}$/, sha256, 'a sha256 in lower-case hex')}`;
}

export function inboxKey(requestId: string): string {
  return `${inboxFolder}${checked(/^[0-9A-Za-z-]{1,80}$/, requestId, 'a request id')}.json`;
}

export const exportsFolder = 'exports/';

/** Holds all revisions of an issue. */
export function issueFolder(issueId: string): string {
  return `${exportsFolder}${issueKey(issueId)}/`;
}

/**
 * @param key the name of an issue's folder from `store.list(exportsFolder)`, for searching issues without
 *   their ids.
 */
export function folderOfIssueKey(key: string): string {
  return `${exportsFolder}${checked(/^[a-z0-9_%-]{1,600}$/, key, 'the folder of an issue')}/`;
}

/** Holds all attempts at one revision of an issue. */
export function revisionFolder(issueId: string, revision: string): string {
  return `${issueFolder(issueId)}${checked(/^[0-9a-f]{12}$/, revision, 'a revision of 12 hex digits')}/`;
}

export function attemptFolder(ref: AttemptRef): string {
  return `${revisionFolder(ref.issueId, ref.revision)}${ref.attempt}/`;
}

export const planKey = (ref: AttemptRef): string => `${attemptFolder(ref)}plan.json`;
export const labelsKey = (ref: AttemptRef): string => `${attemptFolder(ref)}labels.ndjson`;
/** The byte offset of each line of `labels.ndjson`, then its length, as 8-byte little-endian integers. */
export const labelsIndexKey = (ref: AttemptRef): string => `${attemptFolder(ref)}labels.index`;
export const leftOutKey = (ref: AttemptRef): string => `${attemptFolder(ref)}left-out.ndjson`;
export const reportKey = (ref: AttemptRef): string => `${attemptFolder(ref)}report.json`;
export const reportCsvKey = (ref: AttemptRef): string => `${attemptFolder(ref)}report.csv`;
export const receiptsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}receipts/`;
export const receiptKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.json`;
/** The sent-mark, on disk before the call. */
export const sentKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.sent`;
/** Notices that failed for good. */
export const noticesKey = (ref: AttemptRef): string => `${attemptFolder(ref)}notices.ndjson`;
export const decisionProofsFolder = (issueId: string): string => `${issueFolder(issueId)}decisions/`;
export function decisionProofKey(issueId: string, record: string): string {
  return `${decisionProofsFolder(issueId)}${checked(/^[0-9a-f]{1,64}$/, record, 'the name of a record')}.json`;
}
/** The applied decisions of an attempt, one file each, sorted by time. */
export const appliedDecisionsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}decisions/`;
/** The labeling service's own message about a call that it refused as a whole. */
export const refusalKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.refusal.json`;

/**
 * Encodes an issue id as one safe path segment: bytes outside `[a-z0-9_-]` become `%hh`. A result over 200
 * bytes becomes `sha256-<hash>`. So does an id that looks like such a key; otherwise it would share the
 * folder of another id (docs/decisions/009-an-issue-id-that-looks-like-a-hash-is-hashed.md).
 */
export function issueKey(issueId: string): string {
  let key = '';
  for (const byte of Buffer.from(issueId, 'utf8')) key += escapeByte(byte);
  return key.length > 200 || /^sha256-[0-9a-f]{64}$/.test(key)
    ? `sha256-${createHash('sha256').update(issueId, 'utf8').digest('hex')}`
    : key;
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
}

function checked(pattern: RegExp, value: string, expected: string): string {
  if (!pattern.test(value))
    throw new TypeError(`Expected ${expected}, got ${JSON.stringify(value.slice(0, 80))}.`);
  return value;
}
