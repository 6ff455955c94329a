import type { Browser, Page } from 'playwright-core';
import type { ExportDetail, ExportRow } from '../../../src/gateway/api/operator-api';
import { refuse } from '../../../src/gateway/http/refusal';
import { tempFolder } from '../../payloads/temp-folder';
import { startBrowser } from '../../support/browser';
import { operatorToken, runGateway, type GatewayHarness } from '../gateway-harness';
import { aDetail, aRow } from '../../support/api-answers';
const parent = tempFolder();
let detail: ExportDetail = aDetail({ issueId: 'waits' });
let rows: readonly ExportRow[] = [aRow({ issueId: 'one' }), aRow({ issueId: 'two' })];
let decisions = 0;
let browser: Browser;
let gateway: GatewayHarness;
let page: Page;

beforeAll(async () => {
  gateway = await runGateway(parent, {
    publicUrl: 'http://127.0.0.1',
    api: {
      list: async () => ({ exports: rows, notStarted: [], held: [], warnings: [], destinations: [] }),
      show: async () => detail,
      decide: async () => {
        decisions += 1;
        throw refuse('wrong-revision', 'the decision names revision aaa.');
      },
    },
  });
  browser = await startBrowser();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${gateway.port}/`);
  await page.fill('#token', operatorToken);
  await page.press('#token', 'Enter');
  await page.waitForSelector('table.exports');
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await gateway?.close();
});

it('The keyboard focus stays on its link when the list changes', async () => {
  await page.focus('a[href="/exports/two"]');
  rows = [aRow({ issueId: 'new', issueName: 'Just come' }), ...rows];
  await page.waitForSelector('text=Just come');
  expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/exports/two');
});

it('The text of a refused decision stays while the page updates, and a note appears once the question changes', async () => {
  await page.goto(`http://127.0.0.1:${gateway.port}/exports/waits`);
  await page.fill('#reason', 'Looked at ten.');
  await page.fill('#up-to', '10');
  await page.press('#up-to', 'Enter'); // Enter in this field must not approve
  await page.click('button.primary');
  await page.waitForSelector('[role=alert]:has-text("The decision names revision aaa.")');
  expect(decisions).toBe(1);
  detail = { ...detail, queued: 3 };
  await page.waitForSelector('text=3 waiting requests');
  expect([await page.inputValue('#reason'), await page.inputValue('#up-to')]).toEqual([
    'Looked at ten.',
    '10',
  ]);
  expect(await page.isVisible('[data-stale]')).toBe(false);
  detail = { ...detail, approval: { ...detail.approval, upTo: 5, question: 2 } };
  await page.waitForSelector('[data-stale]:visible');
  expect(await page.inputValue('#reason')).toBe('Looked at ten.');
});

it('The page reports an ended sign-in and a gateway that does not answer, and keeps the typed text', async () => {
  await page.context().clearCookies();
  await page.waitForSelector('[data-live-state]:has-text("Your sign-in has ended")');
  await gateway.close();
  await page.waitForSelector('[data-live-state]:has-text("Requeue does not answer")');
  expect(await page.inputValue('#reason')).toBe('Looked at ten.');
});
