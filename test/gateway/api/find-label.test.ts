import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import { findLabel } from '../../../src/gateway/api/show/find-label';
import { createLinks } from '../../../src/gateway/links';
import { addReportRequests } from '../../../src/payloads/add-report-requests';
import { createFolderStore } from '../../../src/payloads/folder/folder-store';
import { issueFolder, labelIndexKey, reportKey, reportName, reportNameKey } from '../../../src/payloads/keys';
import { createLabelIndex } from '../../../src/payloads/label-index/label-index';
import type { PayloadStore } from '../../../src/payloads/payload-store';
import type { ReportHead } from '../../../src/payloads/report-head';
import { tempFolder } from '../../payloads/temp-folder';
import { hostileNames } from '../../support/hostile-names';
import { withDenied } from '../../support/denied';
import { until } from '../../support/until';
import { putReport, reportedLabels } from '../../support/put-report';
import { aRequest } from '../../support/requests';

const parent = tempFolder();
const links = createLinks({ publicUrl: 'http://127.0.0.1', uiUrl: 'http://127.0.0.1', namespace: 'default' });
const count = 50;
let folder: string;
let store: PayloadStore;
let heads: ReportHead[];
let log: string[];
let read: string[];
let find: (labelId: string) => Promise<string[]>;
/** Of the last find. */
let changedReports: readonly string[];

beforeEach(async () => {
  folder = mkdtempSync(join(parent, 'store-'));
  store = createFolderStore({ folder });
  log = [];
  heads = [];
  for (let at = 0; at < count; at += 1) heads.push(await report(`issue-${at}`, [`own-${at}`, 'shared']));
  find = aFind(store);
});

/** The issue ids of the exports that `find` answers, as a gateway that has just started. */
function aFind(from: PayloadStore): typeof find {
  const counting: PayloadStore = { ...from, read: (key, range) => (read.push(key), from.read(key, range)) };
  const logger = pino({}, { write: (line: string) => void log.push(line) });
  const labelIndex = createLabelIndex(counting, logger);
  return async (labelId) => {
    read = [];
    const found = await findLabel({ store: counting, links, labelIndex }, labelId);
    changedReports = found.changedReports;
    return found.exports.map(({ issueId }) => issueId);
  };
}

function report(issueId: string, labelIds: readonly string[], change: Partial<ReportHead> = {}) {
  return putReport(store, aRequest({ issueId }), change, reportedLabels(labelIds));
}

const path = (key: string): string => join(folder, key);
const everyIssue = Array.from({ length: count }, (_, at) => `issue-${count - 1 - at}`);

async function expectRightAnswers(): Promise<void> {
  expect(await find('own-7')).toEqual(['issue-7']);
  expect(await find('shared')).toEqual(everyIssue);
  expect(await find('own')).toEqual([]);
}

it('A label is found by the form in which report.csv prints it, and first by its exact id', async () => {
  await report('lone', ['a\ud83e']);
  await report('nul', ['b\0']);
  await report('text', ['c\\ud83e']);
  const found = aFind(store);
  expect(await found('a\\ud83e')).toEqual(['lone']);
  expect(await found('b\\u0000')).toEqual(['nul']);
  expect(await found('c\\ud83e')).toEqual(['text']);
});

it('A find reads the index and the reports that it points to, and no other report', async () => {
  await expectRightAnswers();
  await find('own-7');
  expect(new Set(read)).toEqual(new Set([labelIndexKey, reportKey(heads[7]!)]));
  await find('nowhere');
  expect(new Set(read)).toEqual(new Set([labelIndexKey]));
  expect(log).toEqual([]);
});

it('A new report is found at once; the index takes up many new reports, or one large one', async () => {
  await find('own-1');
  const before = readFileSync(path(labelIndexKey));
  await report('new', ['own-7', 'new-label']);
  expect(await find('new-label')).toEqual(['new']);
  expect(await find('own-7')).toEqual(['new', 'issue-7']);
  expect(readFileSync(path(labelIndexKey))).toEqual(before);
  for (let at = 0; at < 30; at += 1) await report(`more-${at}`, [`more-${at}`]);
  expect(await find('more-3')).toEqual(['more-3']);
  await report(
    'large',
    Array.from({ length: 40_000 }, (_, at) => `large-${at}`),
  );
  expect(await find('large-39999')).toEqual(['large']);
  expect(await find('large-7')).toEqual(['large']);
  expect(read).toContain(labelIndexKey);
  expect(await find('own-7')).toEqual(['new', 'issue-7']);
});

it.each([
  ['is missing', () => rmSync(path('index'), { recursive: true })],
  ['has lost its label file', () => rmSync(path(labelIndexKey))],
  ['is empty', () => writeFileSync(path(labelIndexKey), '')],
  [
    'is cut off',
    () => writeFileSync(path(labelIndexKey), readFileSync(path(labelIndexKey)).subarray(0, -50)),
  ],
  ['is something else', () => writeFileSync(path(labelIndexKey), 'x'.repeat(5000))],
])('The index is rebuilt when it %s, also while the gateway runs', async (_, damage) => {
  await find('own-1');
  damage();
  await expectRightAnswers();
  damage();
  find = aFind(store);
  await expectRightAnswers();
  expect(log).toEqual([]);
});

it('A flipped byte anywhere in the index changes no answer', async () => {
  await find('own-1');
  const whole = readFileSync(path(labelIndexKey));
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 40)) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 0x10;
    writeFileSync(path(labelIndexKey), flipped);
    find = aFind(store);
    expect([at, await find('shared'), await find('own-7')]).toEqual([at, everyIssue, ['issue-7']]);
  }
});

it('An index that another gateway replaces by one with fewer reports misses nothing', async () => {
  await find('own-1');
  const older = readFileSync(path(labelIndexKey));
  for (let at = 0; at < 30; at += 1) await report(`more-${at}`, [`more-${at}`]);
  await find('more-1');
  writeFileSync(path(labelIndexKey), older);
  expect(await find('more-29')).toEqual(['more-29']);
  await expectRightAnswers();
});

it('A report from before the index, or one that a person restored, is found after the next scan', async () => {
  await find('own-1');
  await report('restored', ['restored']);
  rmSync(path(reportNameKey(reportName({ issueId: 'restored', revision: heads[0]!.revision, attempt: 1 }))));
  const fresh = aFind(store); // starts a scan in the background
  await until('the scan', async () => (await fresh('restored')).length > 0);
  expect(await find('restored')).toEqual(['restored']);
});

it('The report decides: what it no longer has is not found, and a line that moved is', async () => {
  await find('own-1');
  await addReportRequests(store, heads[1]!, ['another-request']);
  expect(await find('own-1')).toEqual(['issue-1']);
  rmSync(path(reportKey(heads[2]!)));
  await report('issue-2', ['another']);
  expect(await find('own-2')).toEqual([]);
  rmSync(path(reportKey(heads[3]!)));
  await report('issue-3', ['longer-than-before', 'own-3']);
  expect(await find('own-3')).toEqual(['issue-3']);
  rmSync(path(reportKey(heads[4]!)));
  expect(await find('own-4')).toEqual([]);
  expect(await find('own-6')).toEqual(['issue-6']);
  expect(changedReports).toEqual([]);
});

it.each([
  [
    'the outcome of the label',
    (text: string) => text.replace('"outcome":"relabeled"', '"outcome":"refused--"'),
  ],
  ['the id of the label', (text: string) => text.replaceAll('own-2', 'own-x')],
  ['another label', (text: string) => text.replaceAll('shared', 'shorn')],
  ['the head', (text: string) => text.replace('"issueName"', '"issueNamE"')],
  ['everything', () => 'torn'],
])('A report of which %s was changed is named, and what it says is left out', async (_, change) => {
  await find('own-1');
  const key = reportKey(heads[2]!);
  writeFileSync(path(key), change(readFileSync(path(key), 'utf8')));
  expect(await find('own-2')).toEqual([]);
  expect(changedReports).toEqual([key]);
  expect(await find('own-3')).toEqual(['issue-3']);
  expect(changedReports).toEqual([]);
  find = aFind(store); // without an index, the report is read too
  rmSync(path('index'), { recursive: true });
  await find('own-3');
  expect(changedReports.every((changed) => changed === key)).toBe(true);
});

it('Labels with any text are found, and no part of them is', async () => {
  const odd = [...hostileNames.map(({ text }) => text), '"labelId":"x",', '\\"', ']', '\ud800', '{', '\n'];
  await report('odd', [...new Set(odd)]);
  for (let at = 0; at < 30; at += 1) await report(`more-${at}`, ['y']);
  for (const text of odd) expect([text, await find(text)]).toEqual([text, ['odd']]);
  expect(await find('x')).toEqual([]);
});

it('Without a store that can be written, a find reads every report', async () => {
  const full: PayloadStore = {
    ...store,
    stage: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  };
  find = aFind(full);
  await expectRightAnswers();
  expect(log[0]).toContain('a find reads every report');
});

it.each([issueFolder('issue-3'), reportKeyOf(3)])(
  'A find answers from the other reports when %s may not be read, before and after it is indexed',
  async (denied) => {
    const others = everyIssue.filter((issueId) => issueId !== 'issue-3');
    const isDenied = (key: string) => key.startsWith(denied);
    rmSync(join(folder, 'index'), { recursive: true, force: true });
    expect(await aFind(withDenied(store, isDenied))('shared')).toEqual(others);
    rmSync(join(folder, 'index'), { recursive: true });
    expect(await aFind(store)('shared')).toEqual(everyIssue);
    expect(await aFind(withDenied(store, isDenied))('shared')).toEqual(others);
    expect(log).toEqual([]);
  },
);

function reportKeyOf(at: number): string {
  return reportKey({ issueId: `issue-${at}`, revision: aRequest({}).revision, attempt: 1 });
}
