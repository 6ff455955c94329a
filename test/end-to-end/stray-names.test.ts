import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { checkDamagedFiles } from '../../src/cli/doctor/check-damaged-files';
import { checkStrayNames } from '../../src/cli/doctor/check-stray-names';
import type { ExportDetail, ExportList, FoundLabel } from '../../src/gateway/api/operator-api';
import { attemptFolder } from '../../src/payloads/keys';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;
let revision: string;

beforeAll(async () => {
  stack = await Stack.create({ APPROVAL_THRESHOLD: '3' });
  await stack.startAll();
  revision = await sendAndFinish('ended', ids('e-', 3));
  await sendAndFinish('other', ids('o-', 3));
  await stack.post(exportBody('asks', ids('a-', 5)));
  await stack.untilStage('asks', 'awaiting-approval');
  await ask('POST', '/api/exports/asks/pause');
  await ask('POST', '/api/exports/asks/resume');
  await ask('POST', '/api/destinations/labelbox/pause');
}, 60_000);

afterAll(() => stack?.stop());

it('The doctor finds no stray name and no damage in a store with all that Requeue creates', async () => {
  expect(await checkStrayNames(stack)).toEqual([]);
  expect(await checkDamagedFiles(stack)).toEqual([]);
});

it('Names that Requeue did not create hide no export, and the doctor counts and names them', async () => {
  const attempt = attemptFolder({ issueId: 'ended', revision, attempt: 1 });
  const unknown = [
    'deliveries/.DS_Store',
    'destinations/.DS_Store',
    'destinations/labelbox/old.json',
    'exports/.DS_Store',
    'exports/Backup.2026/',
    'exports/ended/notes.txt',
    'exports/ended/report.json/',
    `exports/ended/${revision}/report.json/`,
    `exports/ended/${revision}/copy of 1/`,
    'exports/ended/decisions/copy/',
    `${attempt}receipts/0-3 (1).json`,
    `${attempt}decisions/Thumbs.db`,
    `${attempt}old/`,
    'exports/lost+found/',
    'exports/notes', // a file with the name of an issue's folder
    'exports/report.json/',
    'inbox/.nfs0001',
    'inbox/sub/',
  ];
  unknown.forEach(add);
  await expectAllShown();
  const [finding, ...others] = await checkStrayNames(stack);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ part: 'stray names', state: 'note' });
  expect(finding?.says).toMatch(
    /^The store has 18 names that Requeue did not create and ignores: deliveries\/\.DS_Store, .* and 8 more\.$/,
  );
  for (const name of unknown) rmSync(join(stack.config.storeFolder, name), { recursive: true });
});

it('A folder in the place of a file hides no other export, and the doctor names it', async () => {
  const folders = [
    'exports/lost/aaaaaaaaaaaa/1/report.json',
    'exports/lost/aaaaaaaaaaaa/1/plan.json',
    'exports/ended/decisions/aa.json',
    'inbox/20261124T001122333Z-aaaaaaaaaaaa.json',
  ];
  for (const name of folders) add(`${name}/`);
  await expectAllShown();
  const csv = `${attemptFolder({ issueId: 'other', revision: await revisionOf('other'), attempt: 1 })}report.csv`;
  rmSync(join(stack.config.storeFolder, csv));
  add(`${csv}/`);
  expect(await ask('GET', '/api/exports/other/report.csv')).toMatchObject({ status: 404 });
  expect(await ask('GET', '/api/exports/other/report.json')).toMatchObject({ status: 200 });
  expect(await checkStrayNames(stack)).toEqual(
    [...folders, csv].toSorted().map((name) => ({
      part: 'stray names',
      state: 'wrong',
      says: `${name} in the store is a folder, but Requeue keeps a file of this name.`,
      todo: 'move it out of the store, and restore the file if the backup has it',
    })),
  );
  for (const name of folders) rmSync(join(stack.config.storeFolder, name), { recursive: true });
});

it('A report waits while a folder has its name, says so, and is written when the folder is gone', async () => {
  const { body } = await stack.post(exportBody('waits', ids('w-', 5)));
  await stack.untilStage('waits', 'awaiting-approval');
  const ref = { issueId: 'waits', revision: String((body as { revision: string }).revision), attempt: 1 };
  const key = `${attemptFolder(ref)}report.json`;
  add(`${key}/`);
  await ask('POST', '/api/exports/waits/decision', { decision: 'reject', revision: ref.revision });
  const sentence = `While writing the report: The payload store has a folder in the place of the file ${key}: move it out of the store. Temporal retries.`;
  await until('the failure', async () => {
    const { pending } = (await ask('GET', '/api/exports/waits')).body as ExportDetail;
    return pending.some(({ lastFailure }) => lastFailure === sentence);
  });
  rmSync(join(stack.config.storeFolder, key), { recursive: true });
  await stack.untilDone('waits');
  expect((await stack.reportHead('waits', ref.revision))?.outcome).toBe('rejected');
});

/** The list, the page, `find` and the exports themselves. */
async function expectAllShown(): Promise<void> {
  const list = await ask('GET', '/api/exports');
  expect(list.status).toBe(200);
  const issueIds = (list.body as ExportList).exports.map(({ issueId }) => issueId);
  expect(issueIds).toEqual(expect.arrayContaining(['ended', 'other', 'asks']));
  expect(await page('/')).toContain('/exports/ended');
  expect(await page('/exports/ended')).toContain('report.json');
  const found = await ask('GET', '/api/labels/e-1');
  expect((found.body as { exports: FoundLabel[] }).exports).toMatchObject([{ issueId: 'ended' }]);
  for (const issueId of ['ended', 'other'])
    expect(await ask('GET', `/api/exports/${issueId}`)).toMatchObject({
      status: 200,
      body: { stage: 'completed', reports: [{ outcome: 'completed' }] },
    });
  expect(await ask('GET', '/api/exports/ended/report.json')).toMatchObject({ status: 200 });
}

async function sendAndFinish(issueId: string, labelIds: readonly string[]): Promise<string> {
  const { body } = await stack.post(exportBody(issueId, labelIds));
  await stack.untilDone(issueId);
  return String((body as { revision: string }).revision);
}

async function revisionOf(issueId: string): Promise<string> {
  return ((await ask('GET', `/api/exports/${issueId}`)).body as ExportDetail).revision;
}

/** Adds a folder if the name ends with a slash, otherwise a file. */
function add(name: string): void {
  const path = join(stack.config.storeFolder, name);
  mkdirSync(name.endsWith('/') ? join(path, 'x') : join(path, '..'), { recursive: true });
  if (!name.endsWith('/')) writeFileSync(path, 'stray');
}

async function page(path: string): Promise<string> {
  const answer = await fetch(`${stack.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: stack.url },
    body: new URLSearchParams({ token: 'token-of-ann', to: path }),
  });
  const cookie = String(answer.headers.get('set-cookie')).split(';')[0] ?? '';
  const shown = await fetch(`${stack.url}${path}`, { headers: { cookie } });
  expect(shown.status).toBe(200);
  return shown.text();
}

async function ask(method: 'GET' | 'POST', at: string, body: object = {}) {
  const answer = await request(`${stack.url}${at}`, {
    method,
    headers: { authorization: 'Bearer token-of-ann' },
    body: method === 'GET' ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { status: answer.statusCode, body: (at.endsWith('.csv') ? text : JSON.parse(text)) as unknown };
}
