import { issueFolder, reportCsvKey, reportKey } from '../../../payloads/keys';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { isReportUnchanged } from '../../../payloads/report-content';
import { refuse } from '../../http/refusal';
import type { ReportFile, ReportRequest } from '../operator-api';

/**
 * Opens a report of an issue, after its hash was checked.
 * @throws {Refusal} 404 when the store has none; 409 when it was changed.
 */
export async function reportFile(
  store: PayloadStore,
  { issueId, form, revision, attempt, excel = false }: ReportRequest,
): Promise<ReportFile> {
  const heads = await reportHeadsIn(store, issueFolder(issueId));
  const head = heads.find(
    (report) =>
      (revision === undefined || report.revision === revision) &&
      (attempt === undefined || report.attempt === attempt),
  );
  if (!head) throw refuse('no-such-report', { issueId });
  const ref = { issueId, revision: head.revision, attempt: head.attempt };
  const key = form === 'json' ? reportKey(ref) : reportCsvKey(ref);
  const bytes = await store.size(key).catch((error: unknown) => {
    // the report's other file exists, but this one is lost
    const isLost = error instanceof PayloadNotFound || error instanceof PayloadIsFolder;
    throw isLost ? refuse('no-such-report', { issueId }) : error;
  });
  if (!(await isReportUnchanged(store, ref, form))) throw refuse('report-changed', { key });
  const name = `requeue-${head.revision}-${head.attempt}.${form}`;
  const content = store.read(key);
  return excel && form === 'csv'
    ? { name, bytes: byteOrderMark.length + bytes, content: afterByteOrderMark(content) }
    : { name, bytes, content };
}

const byteOrderMark = Buffer.from('\uFEFF', 'utf8');

async function* afterByteOrderMark(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield byteOrderMark;
  yield* content;
}
