import { issueFolder, reportCsvKey, reportKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { reportHeadsIn } from '../../payloads/report-head';
import { Refusal } from '../refusal';
import type { ReportFile, ReportWanted } from './operator-api';

/** The bytes of a report. @throws {Refusal} 404 when there is none. */
export async function reportFile(store: PayloadStore, { issueId, form, revision, attempt }: ReportWanted): Promise<ReportFile> {
  const heads = await reportHeadsIn(store, issueFolder(issueId));
  const head = heads.find(
    (one) => (revision === undefined || one.revision === revision) && (attempt === undefined || one.attempt === attempt),
  );
  if (!head) throw new Refusal(404, 'no-such-report', `no report of the issue ${JSON.stringify(issueId.slice(0, 100))} is in the store.`);
  const ref = { issueId, revision: head.revision, attempt: head.attempt };
  const key = form === 'json' ? reportKey(ref) : reportCsvKey(ref);
  return { name: `requeue-${head.revision}-${head.attempt}.${form}`, bytes: await store.size(key), content: store.read(key) };
}
