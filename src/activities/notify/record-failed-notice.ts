import { nowIso } from '../../clock/clock';
import { noticesKey } from '../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../payloads/payload-store';
import { readBytes, writeBytes } from '../../payloads/small-objects';
import type { NoteNoticeInput } from '../contracts';
import { toActivityFailure } from '../failures';
import { commonBackOff } from '../retry-delay';

/** In ms. The longest delay is short, because the run stays open until the notice is recorded. */
const backOff = { ...commonBackOff, maxMs: 10_000 };

/**
 * Appends a notice that was given up to `notices.ndjson` beside the report. Idempotent. Appends run one at a
 * time, because notices share the file: when several receivers are down, their notices are given up at the
 * same moment.
 */
export function createRecordFailedNotice({
  store,
}: {
  store: PayloadStore;
}): (input: NoteNoticeInput) => Promise<void> {
  let previous: Promise<unknown> = Promise.resolve();
  return (input) => {
    const recorded = previous.then(() =>
      toActivityFailure('recording a notice', () => append(store, input), backOff),
    );
    previous = recorded.catch(() => undefined);
    return recorded;
  };
}

async function append(store: PayloadStore, { notice, failure }: NoteNoticeInput): Promise<void> {
  const { id, target, event, at, ref } = notice;
  const key = noticesKey(ref);
  const content = await readNotices(store, key);
  if (content.includes(`{"id":${JSON.stringify(id)},`)) return;
  const line = JSON.stringify({ id, target, event, at, givenUpAt: nowIso(), failure });
  await writeBytes(store, key, `${content}${line}\n`);
}

async function readNotices(store: PayloadStore, key: string): Promise<string> {
  try {
    return (await readBytes(store, key)).toString('utf8');
  } catch (error) {
    if (error instanceof PayloadNotFound) return '';
    throw error;
  }
}
