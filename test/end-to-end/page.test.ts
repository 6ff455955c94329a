import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../support/browser';
import { exportBody } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';

const hostile = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202E${'W'.repeat(150)}`;
const hostileId = `../${hostile}`.slice(0, 150);
const rules = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let stack: Stack;
let browser: Browser;
let base: string;
/** Another site: its pages send forms to the gateway. */
let evil: Server;

beforeAll(async () => {
  [stack, browser] = await Promise.all([
    Stack.create({ CHUNK_LABELS: '5', APPROVAL_THRESHOLD: '20' }).then((made) => made.startAll()),
    startBrowser(['--host-resolver-rules=MAP *.test 127.0.0.1']),
  ]);
  base = `http://127.0.0.1:${stack.config.gateway.port}`;
  await stack.post(exportBody('waits', ids('w', 25)));
  await stack.post(exportBody('ended', ids('e', 5)));
  await asks('waits');
  evil = createServer((request, response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(formTo(decodeURIComponent(request.url ?? '').slice(1))),
  );
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  evil?.close();
});

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
const show = (issueId: string) => `${base}/exports/${encodeURIComponent(issueId)}`;
const asks = (issueId: string) =>
  until('the question', async () => {
    const { stage } = await stack
      .client()
      .workflow.getHandle(`export-issue-${issueId}`)
      .query<{ stage: string }>('progress');
    return stage === 'awaiting-approval';
  });

it('An operator signs in, reads the plan, approves in part with a reason, follows the export to its end and downloads the report', async () => {
  await stack.fault({ kind: 'slow', delayMs: 100 });
  await stack.post(exportBody('plates/1', ids('p', 60)));
  await asks('plates/1');
  const page = await newPage();
  await page.goto(show('plates/1'));
  await signIn(page);
  expect(new URL(page.url()).pathname).toBe('/exports/plates%2F1');
  expect(await page.textContent('h1')).toBe('Blurred plates');
  const plan = (await page.textContent('.part.plan')) ?? '';
  for (const words of ['60', 'plate', 'labelbox', '12']) expect(plan).toContain(words);
  await page.fill('#reason', 'Looked at ten of them.');
  await page.fill('#up-to', '10');
  await page.click('button.primary');
  await page.waitForSelector('text=Approved in part.');
  await page.waitForSelector('text=Send 50 labels back to labeling?'); // without a reload
  expect(new Set(stack.requeued().filter((id) => id.startsWith('p-')))).toEqual(new Set(ids('p', 10)));
  await page.fill('#reason', 'The first ten look right.');
  await page.click('button.primary');
  await page.waitForSelector('text="Approved."');
  await page.waitForSelector('.part.progress .badge.completed');
  await stack.clearFaults();
  expect(await page.textContent('.part.log')).toContain('The first ten look right.');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click('.reports a:has-text("CSV")'),
  ]);
  const csv = readFileSync(await download.path(), 'utf8');
  expect(csv.trim().split('\n').length).toBeGreaterThan(60);
  for (const id of ids('p', 60)) expect(csv).toContain(id);
  await page.context().close();
});

it('The text that an operator types stays while the page updates, and a note appears when the question is out of date', async () => {
  await stack.post(exportBody('typing', ids('t', 30)));
  await asks('typing');
  const page = await signedIn();
  await page.goto(show('typing'));
  await page.fill('#reason', 'I am still');
  await stack.client().workflow.getHandle('export-issue-typing').signal('pause');
  await page.waitForSelector('.part.progress .badge.paused');
  expect(await page.inputValue('#reason')).toBe('I am still');
  await stack.client().workflow.getHandle('export-issue-typing').signal('resume');
  await stack.client().workflow.getHandle('export-issue-typing').signal('reject');
  await page.waitForSelector('.part.progress .badge.rejected');
  await page.waitForSelector('[data-stale]:visible');
  expect(await page.inputValue('#reason')).toBe('I am still');
  await page.click('button.primary'); // too late: the page shows the refusal and keeps the text
  await page.waitForSelector('[role=alert]:has-text("has ended")');
  await page.context().close();
});

it('An operator sends all labels of a completed export again, with a reason that the page demands', async () => {
  await stack.post(exportBody('twice', ids('twice', 5)));
  await stack.untilDone('twice');
  const page = await signedIn();
  await page.goto(show('twice'));
  await page.waitForSelector('.part.progress .badge.completed');
  expect(await page.textContent('.part.progress')).toContain('ask again for all');
  expect(await page.isVisible('#again-reason')).toBe(false);
  await page.click('summary:has-text("Send all labels again")');
  expect(await page.textContent('.part.again')).toContain('Every label of it is sent to labeling again');
  expect(await faults(page)).toEqual([]);
  await page.click('.part.again button.danger');
  expect(await page.evaluate("document.querySelector('#again-reason').validity.valueMissing")).toBe(true);
  expect(new URL(page.url()).search).toBe(''); // the browser has sent nothing
  await page.fill('#again-reason', ' '); // the gateway refuses it
  await page.click('.part.again button.danger');
  await page.waitForSelector('[role=alert]:has-text("xpected a reason")');
  await page.click('summary:has-text("Send all labels again")');
  await page.fill('#again-reason', 'the wrong class');
  await page.click('.part.again button.danger');
  await page.waitForSelector('text=Asked again. The plan is being made.');
  await until('all labels again', () => stack.sent('twice').length === 10);
  await stack.untilDone('twice');
  await page.reload();
  expect(await page.textContent('.part.log')).toContain('Asked again by ann ("the wrong class").');
  await page.context().close();
});

it('The page works without JavaScript', async () => {
  await stack.post(exportBody('no-script', ids('n', 25)));
  await asks('no-script');
  const page = await signedIn({ javaScriptEnabled: false });
  await page.click('a:has(> bdi):near(:text("no-script"))');
  await page.fill('#reason', 'Fine.');
  await page.click('button.primary');
  await page.waitForSelector('text="Approved."');
  await until('the end', async () => {
    await page.reload();
    return (await page.textContent('.part.progress'))?.includes('Completed');
  });
  await page.click('text=Sign out');
  await page.goto(show('no-script'));
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await page.context().close();
});

it('The page shows hostile names, classes and ids as text, and its layout holds', async () => {
  const body = exportBody(hostileId, ids('evil', 25), { project: hostile.slice(0, 150) });
  for (const element of body.issue.elements) element.issue_name = hostile;
  Object.assign(body.issue.elements[0]!.frame_data.label_data[0]!, { label: hostile });
  expect((await stack.post(body)).status).toBe(202);
  await asks(hostileId);
  const page = await signedIn({ viewport: { width: 360, height: 740 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  for (const address of [`${base}/`, show(hostileId)]) {
    await page.goto(address);
    await page.waitForResponse((response) => isPoll(response.url())); // the script has replaced the parts too
    expect(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).toBe(0);
    expect(
      await page.evaluate("document.querySelectorAll('main img, main script, main [onerror]').length"),
    ).toBe(0);
    expect(await page.title()).not.toBe('owned');
    expect(await page.textContent('main')).toContain(hostile.slice(0, 60));
  }
  expect(complaints).toEqual([]);
  await page.fill('#reason', hostile);
  await page.click('button.danger');
  await page.waitForSelector('text=Rejected. Nothing more is sent.');
  await page.context().close();
});

it('The gateway refuses a form of another site, whether the browser reports the site or only the origin', async () => {
  const { revision } = await stack
    .client()
    .workflow.getHandle('export-issue-waits')
    .query<{ revision: string }>('progress');
  for (const host of [
    `127.0.0.1:${stack.config.gateway.port}`,
    `requeue.test:${stack.config.gateway.port}`,
  ]) {
    const page = await newPage();
    await page.goto(`http://${host}/`);
    await signIn(page, false); // the second host is a name over plain http: browsers send no Sec-Fetch-Site there
    await page.waitForSelector('h1:has-text("Exports")');
    for (const from of ['evil.test', `${host.split(':')[0]}`]) {
      // the second is another port of the gateway's host, so the cookie is sent too
      await page.goto(
        `http://${from}:${(evil.address() as AddressInfo).port}/${encodeURIComponent(`http://${host}/exports/waits/decision|${revision}`)}`,
      );
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith('/decision')),
        page.click('button'),
      ]);
      expect(answer.status()).toBe(403);
    }
    await page.context().close();
  }
  const seen = await stack
    .client()
    .workflow.getHandle('export-issue-waits')
    .query<{ stage: string }>('progress');
  expect(seen.stage).toBe('awaiting-approval');
});

it('axe-core finds no serious fault on sign-in, list and export, in light and dark', async () => {
  const page = await newPage({ colorScheme: 'light' });
  await page.goto(`${base}/`);
  const found = await faults(page);
  await signIn(page);
  for (const address of [`${base}/`, show('waits'), show('ended')]) {
    await page.goto(address);
    found.push(...(await faults(page)));
  }
  expect(found).toEqual([]);
  await page.context().close();
});

it('Without a worker the page reports it, still lists, and recovers when a worker is back; a hidden tab does not poll', async () => {
  const page = await signedIn();
  await stack.stopWorker();
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url() === show('waits')),
    page.goto(show('waits')),
  ]);
  expect(answer.status()).toBe(503);
  expect(await page.textContent('[role=alert]')).toContain('No worker answers now');
  const list = await page.context().newPage();
  let polls = 0;
  list.on('request', (sent) => (polls += isPoll(sent.url()) ? 1 : 0));
  await list.addInitScript(
    "Object.defineProperty(document, 'hidden', { get: () => window.isHidden !== false })",
  ); // a tab in the background
  await list.goto(`${base}/?issue=waits`);
  expect(await list.textContent('table.exports')).toContain('waits');
  await stack.startWorker();
  await page.waitForSelector('text=Send 25 labels back to labeling?');
  expect(polls).toBe(0);
  await Promise.all([
    list.waitForRequest((sent) => isPoll(sent.url())),
    list.evaluate("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))"),
  ]);
  await page.context().close();
});

/** True for a poll of the script. */
function isPoll(url: string): boolean {
  return new URL(url).pathname.endsWith('/live');
}

async function newPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

async function signedIn(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const page = await newPage(options);
  await page.goto(`${base}/`);
  await signIn(page);
  return page;
}

async function signIn(page: Page, isThere = true): Promise<void> {
  await page.fill('#token', 'token-of-ann');
  await page.click('button.primary');
  if (isThere) await page.waitForSelector('text=Signed in as ann');
}

function formTo(target: string): string {
  const [action, revision] = target.split('|');
  return `<form method="post" action="${action}"><input name="decision" value="approve"><input name="revision" value="${revision}"><button>Win</button></form>`;
}

/** Serious faults. In dark only the colours are checked: nothing more differs. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(rules); // by the debugger, past the Content-Security-Policy
  const found = (await page.evaluate('axe.run()')) as Found;
  await page.emulateMedia({ colorScheme: 'dark' });
  const inDark = (await page.evaluate("axe.run({ runOnly: ['color-contrast'] })")) as Found;
  await page.emulateMedia({ colorScheme: 'light' });
  return [...found.violations, ...inDark.violations]
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes: [node] }) => `${page.url()} ${id}: ${node?.html} ${node?.failureSummary}`);
}

interface Found {
  readonly violations: readonly {
    id: string;
    impact: string;
    nodes: { html: string; failureSummary: string }[];
  }[];
}
