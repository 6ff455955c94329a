import { issueFolder, reportCsvKey, reportKey } from '../../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { Refusal } from '../../http/refusal';
import type { ReportFile, ReportRequest } from '../operator-api';

/** Opens a report of an issue. @throws {Refusal} 404 when the store has none. */
export async function reportFile(
  store: PayloadStore,
  { issueId, form, revision, attempt }: ReportRequest,
): Promise<ReportFile> {
  const heads = await reportHeadsIn(store, issueFolder(issueId));
  const head = heads.find(
    (report) =>
      (revision === undefined || report.revision === revision) &&
      (attempt === undefined || report.attempt === attempt),
  );
  if (!head) throw noReport(issueId);
  const ref = { issueId, revision: head.revision, attempt: head.attempt };
  const key = form === 'json' ? reportKey(ref) : reportCsvKey(ref);
  const bytes = await store.size(key).catch((error: unknown) => {
    throw error instanceof PayloadNotFound ? noReport(issueId) : error; // the other format may still be there
  });
  return { name: `requeue-${head.revision}-${head.attempt}.${form}`, bytes, content: store.read(key) };
}

function noReport(issueId: string): Refusal {
  return new Refusal(
    404,
    'no-such-report',
    `no report of the issue ${JSON.stringify(issueId.slice(0, 100))} is in the store.`,
  );
}
