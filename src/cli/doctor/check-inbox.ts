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
/** Time limit in ms for reading entries: an inbox may have thousands of files, and the check has 5 s. */
const readMs = 3000;
/** From this age in ms an undispatched entry is a fault: the dispatcher reconciles every two minutes. */
const undispatchedMs = 5 * 60_000;
/** From this age in ms a note: a question expires after seven days, so the export is paused or retries. */
const oldMs = 8 * 24 * 60 * 60_000;

interface InboxContent {
  readonly entries: readonly InboxEntry[];
  readonly unreadable: readonly string[];
  /** How many entries were not read in time. */
  readonly unread: number;
}

/** Reports the oldest request that is not finished, every hold, and every entry that cannot be read. */
export async function checkInbox({ config }: Subject): Promise<Finding[]> {
  try {
    await access(config.storeFolder); // a missing inbox would read as an empty one
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
    if (entry === 'unreadable' || (entry && !isComplete(entry))) unreadable.push(requestId);
    else if (entry) entries.push(entry);
  }
  return { entries, unreadable, unread };
}

/** A file can hold valid JSON and still lack what an entry needs. */
function isComplete(entry: Partial<InboxEntry>): boolean {
  const { requestId, issueId, sha256, receivedAt } = (entry.request ?? {}) as unknown as Record<
    string,
    unknown
  >;
  const strings = [requestId, issueId, sha256, receivedAt].every((value) => typeof value === 'string');
  return strings && typeof entry.handOver === 'object' && entry.handOver !== null;
}

function inboxFinding({ entries, unread }: InboxContent): Finding {
  const waiting = entries.filter(({ handOver }) => handOver.held === undefined);
  const [oldest] = waiting; // request ids sort by time
  if (unread > 0) {
    const total = formatNumber(entries.length + unread);
    const age = oldest ? `arrived ${receivedAgo(oldest)}` : 'is on hold';
    return {
      part,
      state: 'unchecked',
      says: `Read ${formatNumber(entries.length)} of ${total} entries in ${readMs / 1000} s; the oldest ${age}.`,
    };
  }
  if (!oldest) return { part, state: 'well', says: 'Every accepted request is finished or on hold.' };
  return waitingFinding(waiting, oldest);
}

function waitingFinding(waiting: readonly InboxEntry[], oldest: InboxEntry): Finding {
  const summary = `${pluralize(waiting.length, 'accepted request')} not finished; the oldest, of issue ${oldest.request.issueId}, arrived ${receivedAgo(oldest)}`;
  const stuck = waiting.find(
    ({ request, handOver }) => handOver.runId === undefined && ageMs(request.receivedAt) > undispatchedMs,
  );
  if (stuck) {
    return {
      part,
      state: 'wrong',
      says: `${summary}; ${stuck === oldest ? 'it' : `the request of issue ${stuck.request.issueId}`} is not dispatched to Temporal.`,
      todo: 'start a gateway: it dispatches waiting requests; check Temporal too',
    };
  }
  if (ageMs(oldest.request.receivedAt) <= oldMs) return { part, state: 'well', says: `${summary}.` };
  return {
    part,
    state: 'note',
    says: `${summary}.`,
    todo: 'check its workflow in the Web UI: the export is paused, or its labeling service is down',
  };
}

function heldFinding({ request, handOver }: InboxEntry): Finding {
  const { requestId, issueId, sha256 } = request;
  return {
    part: 'held request',
    state: 'wrong',
    says: `Issue ${issueId}, delivery ${sha256}: ${handOver.held ?? ''}`,
    todo: `npx requeue replay ${sha256}`,
    about: { requestId, issueId, sha256 },
  };
}

function unreadableFinding(requestId: string): Finding {
  return {
    part: 'unreadable entry',
    state: 'wrong',
    says: `inbox/${requestId}.json is not a complete entry: the disk or a person changed it.`,
    todo: 'restore it from the backup; without a backup, move it away and export the issue again',
    about: { requestId },
  };
}

function receivedAgo({ request }: InboxEntry): string {
  return `${formatDuration(ageMs(request.receivedAt), 'coarse')} ago`;
}

function ageMs(receivedAt: string): number {
  return Math.max(0, Date.now() - Date.parse(receivedAt));
}
