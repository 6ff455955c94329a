import { issueFolder, reportCsvKey, reportKey } from '../../../payloads/keys';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { openReport } from '../../../payloads/open-report';
import { refuse } from '../../http/refusal';
import type { ReportFile, ReportRequest } from '../operator-api';

/**
 * Opens a report of an issue, after its hash was checked. Bytes that change afterwards are not handed out: the content
 * then ends with an error.
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
  const file = await openReport(store, ref, form).catch((error: unknown) => {
    // the report's other file exists, but this one is lost
    const isLost = error instanceof PayloadNotFound || error instanceof PayloadIsFolder;
    throw isLost ? refuse('no-such-report', { issueId }) : error;
  });
  if (!file) throw refuse('report-changed', { key });
  const name = `requeue-${head.revision}-${head.attempt}.${form}`;
  const bytes = file.size;
  const content = file.read();
  return excel && form === 'csv'
    ? { name, bytes: byteOrderMark.length + bytes, content: afterByteOrderMark(content) }
    : { name, bytes, content };
}

const byteOrderMark = Buffer.from('\uFEFF', 'utf8');

async function* afterByteOrderMark(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield byteOrderMark;
  yield* content;
}
