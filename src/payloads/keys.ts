import { createHash } from 'node:crypto';
import type { AttemptRef } from '../domain/attempt-ref';
import type { Range } from '../domain/receipt';

/**
 * What lies where in the payload store; the only place that makes keys. An id never becomes a path by itself.
 */
export const inboxFolder = 'inbox/';
export const deliveriesFolder = 'deliveries/';

export function deliveryKey(sha256: string): string {
  return `${deliveriesFolder}${matching(/^[0-9a-f]{64}$/, sha256, 'a sha256 in lower-case hex')}`;
}

export function inboxKey(requestId: string): string {
  return `${inboxFolder}${matching(/^[0-9A-Za-z-]{1,80}$/, requestId, 'a request id')}.json`;
}

export const exportsFolder = 'exports/';

/** Folder of all revisions of an issue. */
export function issueFolder(issueId: string): string {
  return `${exportsFolder}${issueKey(issueId)}/`;
}

/** Of one issue's folder, as `store.list(exportsFolder)` names it: for looking through issues whose ids nobody knows. */
export function folderOfIssueKey(key: string): string {
  return `${exportsFolder}${matching(/^[a-z0-9_%-]{1,600}$/, key, 'the folder of an issue')}/`;
}

/** Folder of all attempts at one revision of an issue. */
export function revisionFolder(issueId: string, revision: string): string {
  return `${issueFolder(issueId)}${matching(/^[0-9a-f]{12}$/, revision, 'a revision of 12 hex digits')}/`;
}

export function attemptFolder(ref: AttemptRef): string {
  return `${revisionFolder(ref.issueId, ref.revision)}${ref.attempt}/`;
}

export const planKey = (ref: AttemptRef): string => `${attemptFolder(ref)}plan.json`;
export const labelsKey = (ref: AttemptRef): string => `${attemptFolder(ref)}labels.ndjson`;
/** Byte offset of each line of `labels.ndjson`, and its end, as 8-byte little-endian integers. */
export const labelsIndexKey = (ref: AttemptRef): string => `${attemptFolder(ref)}labels.index`;
export const leftOutKey = (ref: AttemptRef): string => `${attemptFolder(ref)}left-out.ndjson`;
export const reportKey = (ref: AttemptRef): string => `${attemptFolder(ref)}report.json`;
export const reportCsvKey = (ref: AttemptRef): string => `${attemptFolder(ref)}report.csv`;
export const receiptsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}receipts/`;
export const receiptKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.json`;
/** On disk before the call is made. */
export const sentKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.sent`;
/** Notices that were given up. */
export const noticesKey = (ref: AttemptRef): string => `${attemptFolder(ref)}notices.ndjson`;
/** Folder of the gateway's records of decisions. */
export const decisionProofsFolder = (issueId: string): string => `${issueFolder(issueId)}decisions/`;
/** The gateway's record of a decision that came with a token. */
export function decisionProofKey(issueId: string, record: string): string {
  return `${decisionProofsFolder(issueId)}${matching(/^[0-9a-f]{1,64}$/, record, 'the name of a record')}.json`;
}
/** Decisions that counted for an attempt, one a file, by time. */
export const appliedDecisionsFolder = (ref: AttemptRef): string => `${attemptFolder(ref)}decisions/`;
/** The service's own words about a call that it refused as a whole. */
export const refusalKey = (ref: AttemptRef, range: Range): string =>
  `${receiptsFolder(ref)}${range.from}-${range.to}.refusal.json`;

/**
 * The issue id as one safe path segment: bytes outside `[a-z0-9_-]` become `%hh`; over 200 bytes, its sha256. So does an id that
 * looks like such a key: else it would share the folder of the id whose hash it names.
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

function matching(pattern: RegExp, value: string, expected: string): string {
  if (!pattern.test(value))
    throw new TypeError(`Expected ${expected}, got ${JSON.stringify(value.slice(0, 80))}.`);
  return value;
}
