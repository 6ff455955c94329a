import { issueFolder, reportCsvKey, reportKey } from '../../../payloads/keys';
import { PayloadNotFound, type PayloadStore } from '../../../payloads/payload-store';
import { reportHeadsIn } from '../../../payloads/report-head';
import { Refusal } from '../../http/refusal';
import type { ReportFile, ReportWanted } from '../operator-api';

/** The bytes of a report. @throws {Refusal} 404 when there is none. */
export async function reportFile(
  store: PayloadStore,
  { issueId, form, revision, attempt }: ReportWanted,
): Promise<ReportFile> {
  const heads = await reportHeadsIn(store, issueFolder(issueId));
  const head = heads.find(
    (one) =>
      (revision === undefined || one.revision === revision) &&
      (attempt === undefined || one.attempt === attempt),
  );
  if (!head) throw noReport(issueId);
  const ref = { issueId, revision: head.revision, attempt: head.attempt };
  const key = form === 'json' ? reportKey(ref) : reportCsvKey(ref);
  const bytes = await store.size(key).catch((error: unknown) => {
    throw error instanceof PayloadNotFound ? noReport(issueId) : error; // one form of it was lost
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
