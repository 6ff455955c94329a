import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createReportIndex } from '../../../src/gateway/api/list/report-index';
import { type StoredList, storedRows } from '../../../src/gateway/api/list/stored-rows';
import { createLinks } from '../../../src/gateway/links';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { issueFolder } from '../../../src/payloads/keys';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import { type ReportHead, reportHeadsIn } from '../../../src/payloads/report-head';
import { withDenied } from '../../support/denied';
import { putReport } from '../../support/put-report';
import { aRequest } from '../../support/requests';
import { until } from '../../support/until';
import { tempFolder } from '../../payloads/temp-folder';

const root = tempFolder();
const links = createLinks({ publicUrl: 'http://127.0.0.1', uiUrl: 'http://127.0.0.1', namespace: 'default' });
let folders = 0;
let folder: string;
let store: PayloadStore;
let read: string[];
/** Issues that Temporal knows. */
let known: Set<string>;
let list: (after: string, limit: number, filter?: object) => Promise<StoredList>;

beforeEach(() => {
  folder = join(root, String((folders += 1)));
  const whole = createFolderStore({ folder });
  read = [];
  store = { ...whole, read: (key, range) => (read.push(key), whole.read(key, range)) };
  known = new Set();
  const reports = createReportIndex(store);
  const hasRun = async (issueId: string) => known.has(issueId);
  list = (after, limit, filter = {}) =>
    storedRows({ hasRun, store, links, reports }, { limit, ...filter }, after, limit);
});

it('The list is ordered by end, newest first, whatever the issue ids, and has each export once over all pages', async () => {
  for (const [at, issueId] of ['m', 'a', 'z', 'Ä', 'b', 'y'].entries()) await report(issueId, at);
  for (const limit of [1, 2, 4, 6, 100]) expect(await walk(limit)).toEqual(['y', 'b', 'Ä', 'z', 'a', 'm']);
});

it('Exports that ended at the same instant are listed once each', async () => {
  const issues = ['c', 'a', 'b', 'd'];
  for (const issueId of issues) await report(issueId, 1);
  expect((await walk(1)).toSorted()).toEqual(issues.toSorted());
});

it('An issue is listed by its newest report', async () => {
  await report('twice', 1, { revision: 'ffffffffffff' });
  await report('between', 2);
  await report('twice', 3, { outcome: 'rejected' });
  await report('twice', 0, { revision: 'ffffffffffff', attempt: 2 });
  expect((await list('', 10)).rows).toMatchObject([
    { issueId: 'twice', stage: 'rejected', source: 'store' },
    { issueId: 'between', stage: 'completed' },
  ]);
});

it('The newest report is that of the newest click, although the clock of the other one’s worker ran ahead', async () => {
  const [older, newer] = [aRequest({ issueId: 'skewed' }), aRequest({ issueId: 'skewed', body: 'newer' })];
  await putReport(store, newer, { outcome: 'rejected', endedAt: '2026-11-24T10:00:00.000Z' });
  await putReport(store, older, { endedAt: '2026-11-24T10:15:00.000Z' });
  expect((await list('', 10)).rows).toMatchObject([{ issueId: 'skewed', stage: 'rejected' }]);
  const [newest] = await reportHeadsIn(store, issueFolder('skewed'));
  expect(newest?.requestId).toBe(newer.requestId);
});

it('The list skips issues that Temporal has or the filter excludes; a torn report hides no other', async () => {
  for (const [at, issueId] of ['in-1', 'in-2', 'known', 'torn', 'other'].entries())
    await report(issueId, at, issueId === 'other' ? { project: 'another' } : {});
  known.add('known');
  const staged = await store.stage();
  await staged.write(Buffer.from('{"requests":['));
  await staged.commit(`${issueFolder('torn')}aaaaaaaaaaaa/1/report.json`);
  expect(await walk(1, { project: 'streets' })).toEqual(['in-2', 'in-1']);
  expect(await walk(10, { issue: 'in-' })).toEqual(['in-2', 'in-1']);
  expect(await walk(10, { stage: 'failed' })).toEqual([]);
});

it.each([issueFolder('denied'), `${issueFolder('denied')}aaaaaaaaaaaa/1/report.json`])(
  'The list shows the other exports when %s may not be read',
  async (denied) => {
    await report('denied', 2);
    await report('shown', 1);
    const reports = createReportIndex(withDenied(store, (key) => key === denied));
    const { rows } = await storedRows(
      { hasRun: async () => false, store, links, reports },
      { limit: 9 },
      '',
      9,
    );
    expect(rows.map(({ issueId }) => issueId)).toEqual(['shown']);
  },
);

it('Reports may come and go between two pages: no export is listed twice, and none that stays is missed', async () => {
  for (const [at, issueId] of ['e', 'd', 'c', 'b', 'a'].entries()) await report(issueId, at);
  const { rows, next = '' } = await list('', 2);
  expect(rows.map(({ issueId }) => issueId)).toEqual(['a', 'b']);
  await report('newer', 9);
  await rm(join(folder, issueFolder('b')), { recursive: true });
  await until('the newer one in the list', async () => (await list('', 1)).rows[0]?.issueId === 'newer');
  expect((await list(next, 10)).rows.map(({ issueId }) => issueId)).toEqual(['c', 'd', 'e']);
  expect(await walk(10)).toEqual(['newer', 'a', 'c', 'd', 'e']);
});

it('A page reads only the reports that it shows: the index has read the others once', async () => {
  for (let at = 0; at < 9; at += 1) await report(`issue-${at}`, at);
  expect((await list('', 3)).rows).toHaveLength(3);
  read.length = 0;
  await report('newer', 99);
  await until('the newer one in the list', async () => (await list('', 1)).rows[0]?.issueId === 'newer');
  expect(
    read.filter((key) => !key.startsWith(issueFolder('newer')) && !key.startsWith(issueFolder('issue-8'))),
  ).toEqual([]);
});

/** Writes the report of an export that ended `second` seconds after a fixed time. */
async function report(issueId: string, second: number, change: Partial<ReportHead> = {}): Promise<void> {
  const endedAt = new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString();
  const counts = { planned: 1, relabeled: 1, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 };
  const request = aRequest({ issueId, project: 'streets', revision: 'aaaaaaaaaaaa', receivedAt: endedAt });
  await putReport(store, request, { counts, ...change });
}

/** The issue ids of all pages. */
async function walk(limit: number, filter: object = {}): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: StoredList = await list(after, limit, filter);
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    found.push(...page.rows.map(({ issueId }) => issueId));
    after = page.next;
  }
  return found;
}
