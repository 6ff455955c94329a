import { defined } from '../../collections/defined';
import { access } from 'node:fs/promises';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { type InboxEntry, listInbox, readInboxEntry } from '../../payloads/inbox-entry';
import type { PayloadStore } from '../../payloads/payload-store';
import { formatDuration } from '../../text/duration';
import type { Finding } from './finding';
import type { Subject } from './subject';

/** Entries are read for at most this long; every one is a file. */
const readingMs = 3000;
/** The dispatcher hands over at once and looks again every two minutes: an entry without a run for longer waits for something. */
const handOverMs = 5 * 60_000;
/** Approval waits up to seven days; older than that, an export is paused or tried again without end. */
const longMs = 8 * 24 * 60 * 60_000;

interface Looked {
  readonly entries: InboxEntry[];
  readonly unreadable: string[];
  /** Not looked at: the time was up. */
  readonly left: number;
}

/** What was accepted and is not finished: how old the oldest is, what is held, what cannot be read. */
export async function checkInbox({ config }: Subject): Promise<Finding[]> {
  try {
    await access(config.storeFolder); // an inbox that is not there reads as an empty one
    const looked = await lookThrough(createFolderStore({ folder: config.storeFolder }));
    const held = looked.entries.filter(({ handOver }) => handOver.held !== undefined);
    return [oldest(looked), ...held.map(heldFinding), ...looked.unreadable.map(unreadableFinding)];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    return [
      {
        part: 'inbox',
        state: 'unchecked',
        says: `The inbox cannot be read (${code}).`,
        todo: 'see the store',
      },
    ];
  }
}

async function lookThrough(store: PayloadStore): Promise<Looked> {
  const requestIds = await listInbox(store);
  const looked = { entries: [] as InboxEntry[], unreadable: [] as string[], left: requestIds.length };
  const until = Date.now() + readingMs;
  for (const requestId of requestIds) {
    if (Date.now() > until) break;
    looked.left -= 1;
    const entry = await readInboxEntry(store, requestId).catch(() => 'unreadable' as const);
    if (entry === 'unreadable' || (entry && !isWhole(entry))) looked.unreadable.push(requestId);
    else if (entry) looked.entries.push(entry);
  }
  return looked;
}

/** A file that is JSON is not yet an entry. */
function isWhole(entry: Partial<InboxEntry>): boolean {
  const { requestId, issueId, sha256, receivedAt } = (entry.request ?? {}) as unknown as Record<
    string,
    unknown
  >;
  const strings = [requestId, issueId, sha256, receivedAt].every((value) => typeof value === 'string');
  return strings && typeof entry.handOver === 'object' && entry.handOver !== null;
}

/** Request ids sort by time, so the first entry is the oldest. */
function oldest({ entries, left }: Looked): Finding {
  const waiting = entries.filter(({ handOver }) => handOver.held === undefined);
  const [first] = waiting;
  if (left > 0) {
    return {
      part: 'inbox',
      state: 'unchecked',
      says: `${entries.length} of ${entries.length + left} entries were looked at in ${readingMs / 1000} s; the oldest ${first ? `came ${receivedAgo(first)}` : 'is held'}.`,
    };
  }
  if (!first)
    return { part: 'inbox', state: 'well', says: 'Everything that was accepted is finished or held.' };
  const count = waiting.length === 1 ? '1 request is' : `${waiting.length} requests are`;
  const says = `${count} accepted and not finished; the oldest, of issue ${first.request.issueId}, came ${receivedAgo(first)}`;
  const stuck = waiting.find(
    ({ request, handOver }) => handOver.runId === undefined && ageMs(request.receivedAt) > handOverMs,
  );
  if (stuck) {
    return {
      part: 'inbox',
      state: 'wrong',
      says: `${says}; ${stuck === first ? 'it' : `the one of issue ${stuck.request.issueId}`} is not handed over to Temporal.`,
      todo: 'start a gateway: it hands over what waits; see Temporal too',
    };
  }
  const long = ageMs(first.request.receivedAt) > longMs;
  return {
    part: 'inbox',
    state: long ? 'note' : 'well',
    says: `${says}.`,
    ...defined({
      todo: long
        ? 'see in the Web UI what it waits for: it is paused, or its labeling service is down'
        : undefined,
    }),
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
    says: `inbox/${requestId}.json is no whole entry: the disk, or a person, changed it.`,
    todo: 'restore it from the backup; without one, move it away and export again',
    about: { requestId },
  };
}

function receivedAgo({ request }: InboxEntry): string {
  return `${formatDuration(ageMs(request.receivedAt), 'coarse')} ago`;
}

function ageMs(receivedAt: string): number {
  return Math.max(0, Date.now() - Date.parse(receivedAt));
}
