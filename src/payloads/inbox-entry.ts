import type { ExportRequest } from '../domain/request';
import { inboxFolder, inboxKey } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readBytes, writeBytes } from './small-objects';

/** What the dispatcher knows of an accepted request's hand-over to Temporal. */
export interface DispatchState {
  /** Elements of the delivery, for the summary that Temporal's Web UI shows. */
  readonly elements?: number;
  /** The run that `signalWithStart` answered, or a later one of its chain. */
  readonly runId?: string;
  /** How often a run closed, other than by a person, with the entry still there. */
  readonly closes?: number;
  /** Why nobody tries any more: a sentence for the operator, at most 300 characters. A replay of the delivery releases the entry. */
  readonly held?: string;
}

/** An accepted request that is not finished. Removed by `writeReport` alone. */
export interface InboxEntry {
  readonly request: ExportRequest;
  readonly handOver: DispatchState;
}

/** Bytes of the second line: a fixed width lets one small write replace it in place. */
const dispatchStateWidth = 1024;

/** Makes a new entry durable. */
export async function putInboxEntry(
  store: PayloadStore,
  request: ExportRequest,
  handOver: Pick<DispatchState, 'elements'> = {},
): Promise<void> {
  await writeBytes(store, inboxKey(request.requestId), serialize({ request, handOver }));
}

/** A new entry on its way: it has its room on the disk, and `enter` makes it durable. `discard` forgets it. */
export async function stageInboxEntry(
  store: PayloadStore,
  request: ExportRequest,
  handOver: Pick<DispatchState, 'elements'>,
): Promise<{ enter(): Promise<void>; discard(): Promise<void> }> {
  const staged = await store.stage();
  try {
    await staged.write(Buffer.from(serialize({ request, handOver }), 'utf8'));
    await staged.flush();
  } catch (error) {
    await staged.discard();
    throw error;
  }
  return { enter: () => staged.commit(inboxKey(request.requestId)), discard: () => staged.discard() };
}

/** Changes what is known of the hand-over; answers false when the entry is gone (its report is written). */
export async function updateDispatchState(store: PayloadStore, entry: InboxEntry): Promise<boolean> {
  return store.replace(inboxKey(entry.request.requestId), Buffer.from(serialize(entry), 'utf8'));
}

/** The entry, or undefined when it is gone. A torn second line (power lost in the middle of a change) reads as not handed over. */
export async function readInboxEntry(
  store: PayloadStore,
  requestId: string,
): Promise<InboxEntry | undefined> {
  try {
    const entry = parse((await readBytes(store, inboxKey(requestId))).toString('utf8'));
    if (isInboxEntry(entry, requestId)) return entry;
    throw new Error(`${inboxKey(requestId)} in the payload store is not an inbox entry: it was changed.`);
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}

/** JSON that somebody else wrote into the folder is no entry, whatever it says. */
function isInboxEntry(entry: Partial<InboxEntry> | null, requestId: string): boolean {
  return (
    entry?.request?.requestId === requestId && typeof entry.handOver === 'object' && entry.handOver !== null
  );
}

/** Request ids of all entries, oldest first; what somebody else put into the folder is none. */
export async function listInbox(store: PayloadStore): Promise<string[]> {
  const names = await store.list(inboxFolder);
  return names.flatMap((name) => /^([0-9A-Za-z-]{1,80})\.json$/.exec(name)?.[1] ?? []);
}

/** All entries that can be read, oldest first. One that cannot is told to `unreadable` and keeps up nobody. */
export async function* inboxEntries(
  store: PayloadStore,
  unreadable: (requestId: string, error: unknown) => void = () => undefined,
): AsyncGenerator<InboxEntry, void, undefined> {
  for (const requestId of await listInbox(store)) {
    try {
      const entry = await readInboxEntry(store, requestId);
      if (entry) yield entry;
    } catch (error) {
      unreadable(requestId, error);
    }
  }
}

/** The entries of one issue that can be read, oldest first. */
export async function inboxEntriesForIssue(store: PayloadStore, issueId: string): Promise<InboxEntry[]> {
  const entries: InboxEntry[] = [];
  for await (const entry of inboxEntries(store)) if (entry.request.issueId === issueId) entries.push(entry);
  return entries;
}

export async function removeInboxEntry(store: PayloadStore, requestId: string): Promise<void> {
  await store.remove(inboxKey(requestId));
}

// Two lines that are one JSON object: {"request":{...},\n"handOver":{...}}<spaces>\n
function serialize(entry: InboxEntry): string {
  const handOver = `"handOver":${JSON.stringify(entry.handOver)}}`;
  return `{"request":${JSON.stringify(entry.request)},\n${handOver.padEnd(dispatchStateWidth)}\n`;
}

function parse(text: string): InboxEntry {
  try {
    return JSON.parse(text) as InboxEntry;
  } catch {
    const firstLine = text.slice(0, text.indexOf('\n'));
    return JSON.parse(`${firstLine}"handOver":{}}`) as InboxEntry;
  }
}
