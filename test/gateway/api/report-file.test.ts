import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportFile } from '../../../src/gateway/api/show/report-file';
import { ChangedFile } from '../../../src/payloads/changed-file';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { reportCsvKey, reportKey } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import type { ReportHead } from '../../../src/payloads/report-head';
import { tempFolder } from '../../payloads/temp-folder';
import { putReport, reportedLabels } from '../../support/put-report';
import { aRequest } from '../../support/requests';

const parent = tempFolder();
const issueId = 'issue-1';
let folder: string;
let store: PayloadStore;
let head: ReportHead;

beforeEach(async () => {
  folder = mkdtempSync(join(parent, 'store-'));
  store = createFolderStore({ folder });
  const labelIds = Array.from({ length: 3000 }, (_, at) => `label-${at}`);
  head = await putReport(store, aRequest({ issueId }), {}, reportedLabels(labelIds));
});

const forms = ['json', 'csv'] as const;
const pathOf = (form: (typeof forms)[number]): string =>
  join(folder, form === 'json' ? reportKey(head) : reportCsvKey(head));

/** What was handed out before the content ended, and the error that ended it. */
async function readAll(content: AsyncIterable<Uint8Array>) {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of content) chunks.push(chunk);
    return { text: Buffer.concat(chunks).toString('utf8'), error: undefined };
  } catch (error) {
    return { text: Buffer.concat(chunks).toString('utf8'), error };
  }
}

it.each(forms)('report.%s is handed out as it is, with its size', async (form) => {
  const { bytes, content } = await reportFile(store, { issueId, form });
  expect(await readAll(content)).toEqual({ text: readFileSync(pathOf(form), 'utf8'), error: undefined });
  expect(bytes).toBe(readFileSync(pathOf(form)).length);
});

it.each(forms)('Bytes of report.%s that change after the check are not handed out', async (form) => {
  const before = readFileSync(pathOf(form), 'utf8');
  const file = await reportFile(store, { issueId, form });
  writeFileSync(pathOf(form), before.replaceAll('relabeled', 'refused--'));
  const { text, error } = await readAll(file.content);
  expect(error).toBeInstanceOf(ChangedFile);
  expect(text).not.toContain('refused--');
  expect(before.startsWith(text)).toBe(true);
});

it.each(forms)('report.%s that is cut off, or removed, after the check ends with an error', async (form) => {
  const before = readFileSync(pathOf(form));
  const cut = await reportFile(store, { issueId, form });
  writeFileSync(pathOf(form), before.subarray(0, -1));
  expect((await readAll(cut.content)).error).toBeInstanceOf(ChangedFile);
  writeFileSync(pathOf(form), before);
  const removed = await reportFile(store, { issueId, form });
  rmSync(pathOf(form));
  expect((await readAll(removed.content)).error).toBeInstanceOf(ChangedFile);
});

it.each(forms)('report.%s that was changed before is refused', async (form) => {
  writeFileSync(pathOf(form), readFileSync(pathOf(form), 'utf8').replace('label-2999', 'label-2998'));
  await expect(reportFile(store, { issueId, form })).rejects.toMatchObject({ status: 409 });
});
