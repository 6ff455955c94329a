import { readAhead } from '../collections/read-ahead';
import type { ExportRequest } from '../domain/request';
import { inboxFolder, inboxKey, requestIdsOf } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readBytes, writeBytes } from './small-objects';

/** What an inbox entry records about the run that took its request. */
export interface DispatchState {
  /** Number of elements in the delivery, for the summary in Temporal's Web UI. */
  readonly elements?: number;
  /** The run that `signalWithStart` returned, or a later run of its chain. */
  readonly runId?: string;
  /** How many runs closed and left the entry in the inbox. A run that a person terminated doesn't count. */
  readonly closes?: number;
  /**
   * Why the entry is on hold: one sentence for the operator, at most 300 characters. A replay of the delivery
   * releases the hold, and a drop removes the entry.
   */
  readonly held?: string;
}

/**
 * An accepted request that has no report yet. `writeReport` removes it, or a drop if it is held, or the dispatcher if
 * the request repeats a completed export.
 */
export interface InboxEntry {
  readonly request: ExportRequest;
  readonly handOver: DispatchState;
}

/** Width of the second line in characters. It is fixed, so one small write replaces the line in place. */
const dispatchStateWidth = 1024;

/** Makes a new entry durable. */
export async function putInboxEntry(
  store: PayloadStore,
  request: ExportRequest,
  handOver: Pick<DispatchState, 'elements'> = {},
): Promise<void> {
  await writeBytes(store, inboxKey(request.requestId), serialize({ request, handOver }));
}

/** Stages a new entry, so that its disk space is allocated. `enter` makes it durable under its key. */
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

/** @returns false, without writing, when the entry is gone: its report was written, or it was dropped. */
export async function updateDispatchState(store: PayloadStore, entry: InboxEntry): Promise<boolean> {
  return store.replace(inboxKey(entry.request.requestId), Buffer.from(serialize(entry), 'utf8'));
}

/**
 * If power loss tore the second line during an update, the request counts as never dispatched.
 * @returns undefined when the entry is gone.
 * @throws {Error} when the file is not an inbox entry.
 */
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

/** @returns false when a line of the entry is torn or was changed, although it can be read. True without an entry. */
export async function isInboxEntryWhole(store: PayloadStore, requestId: string): Promise<boolean> {
  try {
    const text = (await readBytes(store, inboxKey(requestId))).toString('utf8');
    JSON.parse(text);
    return text.endsWith('\n'); // blanks may be truncated
  } catch (error) {
    if (error instanceof PayloadNotFound) return true;
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Checks the shape, because another program may have written JSON into the folder. */
function isInboxEntry(entry: Partial<InboxEntry> | null, requestId: string): boolean {
  const { issueId, project, sha256, receivedAt } = (entry?.request ?? {}) as Partial<ExportRequest>;
  return (
    entry?.request?.requestId === requestId &&
    [issueId, project, sha256, receivedAt].every((value) => typeof value === 'string') &&
    typeof entry.handOver === 'object' &&
    entry.handOver !== null
  );
}

/** Lists the request ids of all entries, oldest first. Skips other files in the folder. */
export async function listInbox(store: Pick<PayloadStore, 'list'>): Promise<string[]> {
  return requestIdsOf(await store.list(inboxFolder));
}

/** Entries read concurrently. With more, the reads wait for the threads of the file system. */
const readsAhead = 16;

/**
 * Yields all entries, oldest first. Reads a few ahead of the caller, so an entry may have changed when the
 * caller gets it.
 * @param onUnreadable called for each entry that can't be read. Such an entry does not block the others.
 */
export async function* inboxEntries(
  store: PayloadStore,
  onUnreadable: (requestId: string, error: unknown) => void = () => undefined,
): AsyncGenerator<InboxEntry, void, undefined> {
  const read = async (requestId: string): Promise<InboxEntry | undefined> => {
    try {
      return await readInboxEntry(store, requestId);
    } catch (error) {
      onUnreadable(requestId, error);
      return undefined;
    }
  };
  for await (const entry of readAhead(await listInbox(store), readsAhead, read)) if (entry) yield entry;
}

/** Reads an issue's entries, oldest first. Skips entries that can't be read. */
export async function inboxEntriesForIssue(store: PayloadStore, issueId: string): Promise<InboxEntry[]> {
  const entries: InboxEntry[] = [];
  for await (const entry of inboxEntries(store)) if (entry.request.issueId === issueId) entries.push(entry);
  return entries;
}

export async function removeInboxEntry(store: PayloadStore, requestId: string): Promise<void> {
  await store.remove(inboxKey(requestId));
}

/** Writes one JSON object in two lines: `{"request":{...},\n"handOver":{...}}<spaces>\n`. */
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
