import { clock } from '../../clock/clock';
import { createHash } from 'node:crypto';
import { listAttempts, listRevisions } from '../attempts';
import { isInboxEntryWhole, listInbox, readInboxEntry } from '../inbox-entry';
import {
  decisionProofsFolder,
  deliveriesFolder,
  deliveryKey,
  droppedRequestsFolder,
  inboxKey,
  isReportName,
  reportKeyOfName,
  reportNamesFolder,
  requestFileName,
} from '../keys';
import { listIssueKeys } from '../list-issue-keys';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../payload-store';
import { isDenied } from '../skip-denied';
import { objectExists } from '../small-objects';
import { checkAttempt } from './check-attempt';
import { checkRecords } from './check-records';
import { changed, type DamagedPath, missing } from './damaged-path';
import { isStrayCopy } from './is-stray-copy';
import { readIssueId } from './read-issue-id';
import { TimeIsOver, withDeadline } from './with-deadline';

export interface DamageSearch {
  /** At most 1,000, sorted by path. */
  readonly damaged: readonly DamagedPath[];
  /** Also missing or changed, but an operator accepted that. At most 1,000 together with `damaged`, sorted by path. */
  readonly accepted: readonly DamagedPath[];
  /** Requests, issues and deliveries that were checked. */
  readonly checked: number;
  /** False: the time was over before everything was checked. */
  readonly isComplete: boolean;
}

/** Bounds the memory. */
const maxDamaged = 1000;

/**
 * Compares what is stored with the hashes that exist, and looks for missing files that a kept file refers to.
 * Reads one file at a time: first the inbox, then the issues, then the deliveries. Begins with another issue and
 * delivery each time, so that short searches cover a large store together.
 * @param untilMs stops then (ms since 1970), because a store may have terabytes.
 */
export async function findDamagedFiles(store: PayloadStore, untilMs: number): Promise<DamageSearch> {
  const damaged = new Map<string, DamagedPath>();
  let checked = 0;
  let isComplete = true;
  try {
    for await (const found of checkAll(withDeadline(store, untilMs))) {
      checked += 1;
      for (const one of found)
        if (damaged.size < maxDamaged && !damaged.has(one.path)) damaged.set(one.path, one);
    }
  } catch (error) {
    if (!(error instanceof TimeIsOver)) throw error;
    isComplete = false;
  }
  const sorted = [...damaged.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    damaged: sorted.filter(({ acceptedBy }) => acceptedBy === undefined),
    accepted: sorted.filter(({ acceptedBy }) => acceptedBy !== undefined),
    checked,
    isComplete,
  };
}

/** Yields the damage of each request, issue and delivery, then of the list of reports. */
async function* checkAll(store: PayloadStore): AsyncGenerator<readonly DamagedPath[]> {
  for (const requestId of await listInbox(store)) yield checkTwice(() => checkRequest(store, requestId));
  for (const key of fromAnywhere(await listIssueKeys(store))) yield checkTwice(() => checkIssue(store, key));
  for (const sha256 of fromAnywhere(await store.list(deliveriesFolder)))
    if (/^[0-9a-f]{64}$/.test(sha256)) yield checkTwice(() => checkDelivery(store, sha256));
  for (const name of await store.list(reportNamesFolder))
    if (isReportName(name)) yield checkTwice(() => checkReportOfName(store, name));
}

/**
 * An export that continues meanwhile replaces and removes files: a file is damaged only if it still is at the second
 * look. A folder in the place of a file and a file that cannot be read are named as stray
 * names and stop no check.
 */
async function checkTwice(check: () => Promise<readonly DamagedPath[]>): Promise<readonly DamagedPath[]> {
  const found = await look(check);
  if (found.length === 0) return found;
  const again = new Set((await look(check)).map(({ path }) => path));
  return found.filter(({ path }) => again.has(path));
}

/** How often to look while files vanish between their listing and their reading. */
const maxLooks = 3;

async function look(
  check: () => Promise<readonly DamagedPath[]>,
  looks = 1,
): Promise<readonly DamagedPath[]> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof PayloadIsFolder || isDenied(error)) return [];
    if (!(error instanceof PayloadNotFound)) throw error;
    return looks < maxLooks ? look(check, looks + 1) : [];
  }
}

async function checkRequest(store: PayloadStore, requestId: string): Promise<DamagedPath[]> {
  const unreadable = [changed(inboxKey(requestId))];
  const entry = await readInboxEntry(store, requestId).catch((error: unknown) => {
    if (error instanceof TimeIsOver || error instanceof PayloadIsFolder || isDenied(error)) throw error;
    return 'unreadable' as const;
  });
  if (entry === undefined) return []; // ended since it was listed
  if (entry === 'unreadable' || !(await isInboxEntryWhole(store, requestId))) return unreadable;
  const delivery = deliveryKey(entry.request.sha256);
  return (await objectExists(store, delivery)) ? [] : [missing(delivery)];
}

async function checkIssue(store: PayloadStore, key: string): Promise<DamagedPath[]> {
  if (await isStrayCopy(store, key)) return []; // named as a stray name
  const issueId = await readIssueId(store, key);
  if (issueId === undefined) return []; // no file in the folder says which issue it is
  const damaged = [
    ...(await checkRecords(store, decisionProofsFolder(issueId), /^[0-9a-f]{1,64}\.json$/)),
    ...(await checkRecords(store, droppedRequestsFolder(issueId), requestFileName)),
  ];
  for (const revision of await listRevisions(store, issueId))
    for (const attempt of await listAttempts(store, issueId, revision))
      damaged.push(...(await checkAttempt(store, attempt)));
  return damaged;
}

async function checkDelivery(store: PayloadStore, sha256: string): Promise<DamagedPath[]> {
  const hash = createHash('sha256');
  const key = deliveryKey(sha256);
  try {
    for await (const chunk of store.read(key)) hash.update(chunk);
  } catch (error) {
    if (error instanceof PayloadNotFound) return []; // removed since it was listed
    throw error;
  }
  return hash.digest('hex') === sha256 ? [] : [changed(key)];
}

async function checkReportOfName(store: PayloadStore, name: string): Promise<DamagedPath[]> {
  const key = reportKeyOfName(name);
  return (await objectExists(store, key)) ? [] : [missing(key)];
}

function fromAnywhere(names: readonly string[]): string[] {
  const start = Math.floor(clock.random() * names.length);
  return [...names.slice(start), ...names.slice(0, start)];
}
