import { noticesKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readBytes, writeBytes } from '../../payloads/small-objects';
import type { NoteNoticeInput } from '../contracts';
import { toActivityFailure } from '../failures';

/**
 * Appends a line to `notices.ndjson` beside the report: a notice that nobody took. Doing it twice changes nothing. One after the
 * other: several receivers are often away together, given up at the same moment, and share the file.
 */
export function createNoteNotice({
  store,
}: {
  store: PayloadStore;
}): (input: NoteNoticeInput) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  return (input) => {
    const noted = before.then(() => toActivityFailure('noting a notice', () => append(store, input)));
    before = noted.catch(() => undefined);
    return noted;
  };
}

async function append(store: PayloadStore, { notice, failure }: NoteNoticeInput): Promise<void> {
  const { id, target, event, at, ref } = notice;
  const key = noticesKey(ref);
  const known = await readNotices(store, key);
  if (known.includes(`{"id":${JSON.stringify(id)},`)) return;
  const line = JSON.stringify({ id, target, event, at, givenUpAt: new Date().toISOString(), failure });
  await writeBytes(store, key, `${known}${line}\n`);
}

async function readNotices(store: PayloadStore, key: string): Promise<string> {
  try {
    return (await readBytes(store, key)).toString('utf8');
  } catch (error) {
    if (error instanceof PayloadNotFound) return '';
    throw error;
  }
}
