import { access } from 'node:fs/promises';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { type InboxEntry, listInbox, readInboxEntry } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import { formatDuration } from '../../text/duration';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import type { Finding } from './finding';
import type { Subject } from './subject';

const part = 'inbox';
/** Time limit for reading entries, in ms. An inbox may have thousands of files, and the check has 5 s. */
const readMs = 3000;
/** An undispatched entry of this age, in ms, is a fault. The dispatcher reconciles every two minutes. */
const undispatchedMs = 5 * 60_000;
/**
 * An entry of this age, in ms, gets a note. By default a question expires after seven days, so an older
 * export is probably paused or retrying.
 */
const oldMs = 8 * 24 * 60 * 60_000;

interface InboxContent {
  readonly entries: readonly InboxEntry[];
  readonly unreadable: readonly string[];
  /** Number of entries that were not read in time. */
  readonly unread: number;
}

/** Reports the oldest unfinished request, every hold, and every unreadable entry. */
export async function checkInbox({ config }: Subject): Promise<Finding[]> {
  try {
    await access(config.storeFolder); // a missing inbox would look like an empty one
    const content = await readInbox(createFolderStore({ folder: config.storeFolder }));
    const held = content.entries.filter(({ handOver }) => handOver.held !== undefined);
    return [inboxFinding(content), ...held.map(heldFinding), ...content.unreadable.map(unreadableFinding)];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    return [
      {
        part,
        state: 'unchecked',
        says: `The inbox cannot be read (${code}).`,
        todo: 'fix the store first',
      },
    ];
  }
}

async function readInbox(store: PayloadStore): Promise<InboxContent> {
  const requestIds = await listInbox(store);
  const entries: InboxEntry[] = [];
  const unreadable: string[] = [];
  let unread = requestIds.length;
  const until = Date.now() + readMs;
  for (const requestId of requestIds) {
    if (Date.now() > until) break;
    unread -= 1;
    const entry = await readInboxEntry(store, requestId).catch(() => 'unreadable' as const);
    if (entry === 'unreadable') unreadable.push(requestId);
    else if (entry) entries.push(entry);
  }
  return { entries, unreadable, unread };
}

function inboxFinding({ entries, unread }: InboxContent): Finding {
  const waiting = entries.filter(({ handOver }) => handOver.held === undefined);
  const [oldest] = waiting; // request ids sort by time
  if (unread > 0) {
    const total = formatNumber(entries.length + unread);
    const age = oldest ? `; the oldest that is not on hold arrived ${receivedAgo(oldest)}` : '';
    return {
      part,
      state: 'unchecked',
      says: `Read ${formatNumber(entries.length)} of ${total} entries in ${formatDuration(readMs, 'seconds')}${age}.`,
    };
  }
  if (!oldest) return { part, state: 'well', says: 'Every accepted request is finished or on hold.' };
  return waitingFinding(waiting, oldest);
}

function waitingFinding(waiting: readonly InboxEntry[], oldest: InboxEntry): Finding {
  const verb = waiting.length === 1 ? 'is' : 'are';
  const summary = `${pluralize(waiting.length, 'accepted request')} ${verb} not finished; the oldest, for issue ${oldest.request.issueId}, arrived ${receivedAgo(oldest)}`;
  const stuck = waiting.find(
    ({ request, handOver }) => handOver.runId === undefined && ageMs(request.receivedAt) > undispatchedMs,
  );
  if (stuck) {
    return {
      part,
      state: 'wrong',
      says: `${summary}; ${stuck === oldest ? 'it' : `the request for issue ${stuck.request.issueId}`} has not been dispatched to Temporal.`,
      todo: 'start a gateway: it dispatches waiting requests; check Temporal too',
    };
  }
  if (ageMs(oldest.request.receivedAt) <= oldMs) return { part, state: 'well', says: `${summary}.` };
  return {
    part,
    state: 'note',
    says: `${summary}.`,
    todo: 'check its workflow in the Web UI: the export may be paused, or its labeling service may be down',
  };
}

function heldFinding({ request, handOver }: InboxEntry): Finding {
  const { requestId, issueId, sha256 } = request;
  return {
    part: 'held request',
    state: 'wrong',
    says: `Issue ${issueId}, delivery ${sha256}: ${handOver.held ?? ''}`,
    todo: `npx requeue replay ${sha256}; or, if it must not be exported, npx requeue drop ${sha256} --reason '…'`,
    about: { requestId, issueId, sha256 },
  };
}

function unreadableFinding(requestId: string): Finding {
  return {
    part: 'unreadable entry',
    state: 'wrong',
    says: `inbox/${requestId}.json is not a complete entry: the file was damaged or edited.`,
    todo: 'restore it from the backup; without a backup, move it out of inbox/ and export the issue again',
    about: { requestId },
  };
}

function receivedAgo({ request }: InboxEntry): string {
  return `${formatDuration(ageMs(request.receivedAt), 'coarse')} ago`;
}

function ageMs(receivedAt: string): number {
  return Math.max(0, Date.now() - Date.parse(receivedAt));
}
