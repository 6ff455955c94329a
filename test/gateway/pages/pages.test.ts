import { steerMessages } from '../../../src/gateway/api/decide/steer-messages';
import type {
  DecisionRequest,
  DestinationState,
  ListFilter,
  SteerRequest,
} from '../../../src/gateway/api/operator-api';
import { type Refusal, refuse } from '../../../src/gateway/http/refusal';
import { tempFolder } from '../../payloads/temp-folder';
import { type GatewayHarness, operatorToken, runGateway } from '../gateway-harness';
import { browse, onOneLine, signIn, submit } from './browse';
import {
  aDetail,
  aPlanDetail,
  anExportWithProblems,
  anInboxRow,
  aRow,
  ended,
} from '../../support/api-answers';
const hostile = `"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;\u202E`;
const escaped =
  '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&amp;amp;\u202E';
/** The text as the page shows it: the character that turns its direction is escaped. */
const visible = escaped.replace('\u202E', '\\u202e');
const details = new Map([
  ['waits', aDetail({ issueId: 'waits' })],
  ['ended', anExportWithProblems({ issueId: 'ended', source: 'store' })],
  ['done', ended('completed', { issueId: 'done' })],
  ['replaced', ended('completed', { issueId: 'replaced', stage: 'superseded', outcome: 'superseded' })],
  ['done-held', ended('completed', { issueId: 'done-held', inbox: [anInboxRow()] })],
  [
    hostile,
    aDetail({
      issueId: hostile,
      issueName: hostile,
      project: hostile,
      destination: hostile,
      pausedBecause: hostile,
      pending: [
        {
          activity: 'relabelChunk',
          activityId: '4',
          attempt: 2,
          lastFailure: hostile,
          state: 'paused',
          by: hostile,
          reason: hostile,
          unpauseWith: hostile,
        },
      ],
    }),
  ],
]);
const rows = [
  aRow({ startedAt: new Date(Date.now() - 240_000).toISOString() }),
  aRow({ issueId: hostile, issueName: hostile, project: hostile, destination: hostile }),
  aRow({ issueId: 'old', source: 'store', isOpen: false }),
  aRow({ issueId: 'asleep', pausedInTemporal: true }),
];
const waiting = anInboxRow({ issueName: hostile });
const parent = tempFolder();
const destinations: DestinationState[] = [
  {
    name: 'labelbox',
    paused: { by: 'ann', reason: hostile, since: '2026-11-28T06:40:12.000Z' },
    waiting: [{ issueId: 'a/b', issueName: hostile }],
    hasMore: true,
  },
  { name: 'second', waiting: [], hasMore: false },
];
const destinationRequests: unknown[] = [];
const filters: ListFilter[] = [];
const decided: DecisionRequest[] = [];
const steered: SteerRequest[] = [];
const replayed: unknown[] = [];
const askedAgain: unknown[] = [];
const dropped: unknown[] = [];
let refusal: Refusal | undefined;
let gateway: GatewayHarness;
let me: { cookie: string };

beforeAll(async () => {
  gateway = await runGateway(parent, {
    publicUrl: 'http://127.0.0.1',
    api: {
      async list(filter) {
        filters.push(filter);
        return {
          exports: rows,
          next: 't:next',
          notStarted: [waiting],
          held: [{ ...waiting, issueId: 'held', because: hostile }],
          warnings: ['Temporal does not answer.'],
          destinations,
        };
      },
      async show(issueId) {
        if (issueId === 'no-worker') throw refuse('no-worker', 'progress');
        if (issueId === 'no-store') throw refuse('store-unavailable', { reason: 'EROFS' });
        if (issueId === 'no-temporal') throw refuse('no-temporal');
        if (issueId === 'paused') throw refuse('paused-in-temporal', "temporal workflow unpause -w 'w'");
        return details.get(issueId);
      },
      async decide(request) {
        if (refusal) throw refusal;
        decided.push(request);
        return {
          result: 'answered',
          issueId: request.issueId,
          revision: request.revision,
          message: 'Answered.',
        };
      },
      async steer(request) {
        steered.push(request);
        return { issueId: request.issueId, action: request.action, message: 'Signalled.' };
      },
      async pauseDestination(request) {
        destinationRequests.push(request);
        return { destination: request.destination, paused: '2026-11-28T06:40:12.000Z', message: 'Paused.' };
      },
      async resumeDestination(request) {
        destinationRequests.push(request);
        return { resumed: [] };
      },
      async again(request) {
        if (refusal) throw refusal;
        askedAgain.push(request);
        return { requestId: 'r', issueId: request.issueId, revision: 'abababababab', message: 'Asked.' };
      },
      async replay(request) {
        replayed.push(request);
        return {};
      },
      async drop(request) {
        if (refusal) throw refusal;
        dropped.push(request);
        return { requestIds: ['r1'], issueId: 'held', revision: '0123456789ab', message: 'Dropped.' };
      },
    },
  });
  me = await signIn(gateway.port, operatorToken);
});
afterAll(() => gateway.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  browse(gateway.port, path, { ...me, ...headers });
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  submit(gateway.port, path, fields, { ...me, ...headers });

describe('signing in', () => {
  it('The gateway sets a cookie that scripts and other sites cannot read and that does not contain the token', async () => {
    const { status, headers } = await submit(gateway.port, '/sign-in', {
      token: operatorToken,
      next: '/exports/a%2Fb?said=done',
    });
    expect(status).toBe(303);
    expect(headers['location']).toBe('/exports/a%2Fb?said=done');
    expect(headers['set-cookie']).toMatch(
      /^requeue=[\w.-]+; Max-Age=43200; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    expect(headers['set-cookie']).not.toContain(operatorToken);
    expect(headers['set-cookie']).not.toContain(Buffer.from(operatorToken).toString('base64url'));
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/sign-out',
    'exports',
    '/exports/a/../..//evil',
    '/exports/%0d%0aSet-Cookie:x\r\nA: b',
  ])('The gateway redirects to the list when next leads elsewhere: %j', async (next) => {
    expect((await submit(gateway.port, '/sign-in', { token: operatorToken, next })).headers['location']).toBe(
      '/',
    );
  });

  it('The gateway answers a wrong token with 401 and the form', async () => {
    const { status, text, headers } = await submit(gateway.port, '/sign-in', {
      token: 'wrong',
      next: '/exports/waits',
    });
    expect(status).toBe(401);
    expect(text).toContain('This operator token is not valid.');
    expect(text).toContain('value="/exports/waits"');
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('The gateway does not reveal whether an issue exists without a sign-in', async () => {
    for (const issue of ['waits', 'no-such-issue', 'no-worker']) {
      const { status, headers, text } = await browse(gateway.port, `/exports/${issue}`);
      expect({ status, text, location: headers['location'] }).toEqual({
        status: 303,
        text: '',
        location: `/sign-in?next=%2Fexports%2F${issue}`,
      });
      expect((await browse(gateway.port, `/exports/${issue}/live`)).status).toBe(401);
      expect(
        (await submit(gateway.port, `/exports/${issue}/decision`, { decision: 'approve' })).headers[
          'location'
        ],
      ).toBe('/sign-in');
      expect((await gateway.ask('GET', `/api/exports/${issue}`)).status).toBe(401);
    }
    expect((await browse(gateway.port, '/')).headers['location']).toBe('/sign-in');
    expect((await submit(gateway.port, `/deliveries/${'0'.repeat(64)}/replay`, {})).headers['location']).toBe(
      '/sign-in',
    );
  });

  it('The API accepts the cookie, and a sign-out clears it', async () => {
    expect((await gateway.ask('GET', '/api/exports', me)).status).toBe(200);
    const { status, headers } = await post('/sign-out', {});
    expect([status, headers['location']]).toEqual([303, '/sign-in?said=signed-out']);
    expect(headers['set-cookie']).toBe('requeue=; Max-Age=0; HttpOnly; SameSite=Strict; Path=/');
  });
});

describe('requests of another site', () => {
  const revision = '0123456789ab';
  it.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['cross-site with our Origin', { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1' }],
  ])('The gateway refuses them when the browser reports %s', async (_, headers) => {
    const before = decided.length;
    for (const path of [
      '/exports/waits/decision',
      '/exports/waits/cancel',
      '/sign-in',
      '/sign-out',
      `/deliveries/${'0'.repeat(64)}/replay`,
    ])
      expect(
        await post(path, { decision: 'approve', revision, token: operatorToken }, headers),
      ).toMatchObject({
        status: 403,
        text: expect.stringContaining('another site'),
      });
    const api = await gateway.ask(
      'POST',
      '/api/exports/waits/decision',
      { ...me, ...headers },
      JSON.stringify({ decision: 'approve', revision }),
    );
    expect(api).toMatchObject({ status: 403, body: { error: 'cross-site' } });
    expect(decided).toHaveLength(before);
  });

  it('The gateway recognizes them by Origin when the browser reports nothing more', async () => {
    const ask = async (headers: Record<string, string>) =>
      (await gateway.ask('POST', '/api/exports/waits/pause', { ...me, ...headers }, '{}')).status;
    const own = `127.0.0.1:${gateway.port}`;
    expect(await ask({ origin: `http://${own}` })).toBe(202);
    expect(await ask({ origin: 'http://127.0.0.1' })).toBe(202);
    expect(await ask({ origin: 'http://evil.example' })).toBe(403);
    expect(await ask({ origin: `http://${own}.evil.example` })).toBe(403);
    expect(await ask({ origin: 'null' })).toBe(403);
    expect(await ask({})).toBe(403);
  });

  it('The gateway accepts them with a bearer token, which no browser adds', async () => {
    const headers = { authorization: `Bearer ${operatorToken}`, 'sec-fetch-site': 'cross-site' };
    expect((await gateway.ask('POST', '/api/exports/waits/pause', headers, '{}')).status).toBe(202);
  });
});

describe('every page', () => {
  it('Every page loads and runs only what the gateway serves', async () => {
    for (const path of ['/', '/exports/waits', '/exports/no-such', '/sign-in']) {
      const { headers } = path === '/sign-in' ? await browse(gateway.port, path) : await get(path);
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      });
    }
  });

  it('Every page shows untrusted text as text', async () => {
    for (const path of [
      '/',
      `/exports/${encodeURIComponent(hostile)}`,
      `/?project=${encodeURIComponent(hostile)}`,
      `/exports/${encodeURIComponent('x"><script>')}`,
    ]) {
      const { text } = await get(path);
      expect(text.match(/<script/g)).toHaveLength(1);
      expect(text).not.toMatch(/<img/i);
    }
    expect((await get('/')).text).toContain(visible);
    for (const name of ['%3Cb%3Eowned%3C/b%3E', 'constructor', 'approved&said=done'])
      expect((await get(`/exports/waits?said=${name}`)).text).not.toMatch(/owned|class="notice/);
  });

  it('Every page escapes characters that are invisible or turn the direction of text; links and fields keep the text', async () => {
    const path = `/exports/${encodeURIComponent(hostile)}`;
    for (const page of ['/', path, `/?project=${encodeURIComponent(hostile)}`]) {
      const text = (await get(page)).text.replace(/<[^>]*>/g, '');
      expect(text).not.toMatch(/[\u200B\u202A-\u202E\u2066-\u2069]/);
      expect(text).toContain('\\u202e');
    }
    expect((await get('/')).text).toContain(`href="${path.replaceAll("'", '&#39;')}"`);
    expect((await get(path)).text).toContain(`<title>${visible} · Requeue</title>`);
  });

  it('The gateway serves style, script and icon, and answers 304 when they have not changed', async () => {
    for (const [name, type] of [
      ['style.css', 'text/css; charset=utf-8'],
      ['live.js', 'text/javascript; charset=utf-8'],
      ['icon.svg', 'image/svg+xml'],
    ]) {
      const { status, headers } = await browse(gateway.port, `/assets/${name}`);
      expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([
        200,
        type,
        'nosniff',
      ]);
      expect(
        (await browse(gateway.port, `/assets/${name}`, { 'if-none-match': String(headers['etag']) })).status,
      ).toBe(304);
    }
  });

  it('The webhook does not get the headers of pages', async () => {
    const { headers } = await gateway.ask('POST', '/webhook', {}, '{}');
    expect(headers['content-security-policy']).toBeUndefined();
  });
});

describe('the list', () => {
  it('The list shows exports, held requests with their replay, requests that have not started, and warnings', async () => {
    const { status, text } = await get('/');
    expect(status).toBe(200);
    for (const part of [
      'Blurred plates',
      'roads',
      '300 of 1,200',
      '<progress max="1200" value="300"',
      'On hold',
      'Accepted, not started',
      'Temporal does not answer.',
      'report only',
      '4 min ago',
    ])
      expect(onOneLine(text)).toContain(part);
    expect(text).toContain(`action="/deliveries/${anInboxRow().sha256}/replay"`);
  });

  it('The list shows a paused destination with its waiting exports, and forms that pause and resume', async () => {
    const { text } = await get('/');
    expect(onOneLine(text)).toContain('ann paused the destination labelbox at 2026-11-28 06:40:12 UTC');
    expect(text).toContain('href="/exports/a%2Fb"');
    expect(text).toContain('action="/destinations/labelbox/resume"');
    expect(text).not.toContain('action="/destinations/labelbox/pause"');
    expect(text).toContain('action="/destinations/second/pause"');
  });

  it('The forms pause a destination with a reason, and resume it, as the signed-in operator', async () => {
    const paused = await post('/destinations/second/pause', { reason: 'vendor outage' });
    expect([paused.status, paused.headers['location']]).toEqual([303, '/?said=destination-paused']);
    const resumed = await post('/destinations/labelbox/resume', {});
    expect([resumed.status, resumed.headers['location']]).toEqual([303, '/?said=destination-resumed']);
    expect(destinationRequests).toEqual([
      { destination: 'second', by: 'ada', through: 'page', reason: 'vendor outage' },
      { destination: 'labelbox', by: 'ada', through: 'page' },
    ]);
    expect((await get('/destinations/second/pause')).status).toBe(303);
  });

  it('The list marks a run that Temporal itself paused', async () => {
    expect((await get('/')).text.split('paused in Temporal')).toHaveLength(2);
  });

  it('The list applies the filter of its form and keeps it on the next page', async () => {
    const { text } = await get('/?stage=paused&project=street+scenes&issue=a%2F&limit=10');
    expect(filters.at(-1)).toEqual({
      stage: 'paused',
      project: 'street scenes',
      issue: 'a/',
      limit: 10,
      page: undefined,
    });
    expect(text).toContain(
      'href="/?stage=paused&amp;project=street+scenes&amp;issue=a%2F&amp;limit=10&amp;page=t%3Anext"',
    );
    expect(text).toContain('<option value="paused" selected>');
    expect(await get('/?stage=nonsense')).toMatchObject({
      status: 400,
      text: expect.stringContaining('Expected stage to be one of preparing'),
    });
  });

  it.each([
    ['', 'WorkflowType="ExportIssue"'],
    ['?stage=paused', 'ExportStage="paused" AND CloseTime IS NULL'],
    ['?stage=completed', 'ExportStage="completed"'],
    [
      "?project=it's+mine&issue=a%2F&page=t:next",
      "AquariumProject = 'it''s mine' AND AquariumIssueId STARTS_WITH 'a/'",
    ],
    [
      `?project=${encodeURIComponent(hostile.slice(1))}`,
      `AquariumProject = '${hostile.slice(1).replaceAll("'", "''")}'`,
    ],
    [`?project=${encodeURIComponent(`it's ${hostile}`)}`, "AquariumProject STARTS_WITH 'it''s '"], // the part that Temporal can compare
  ])('The list links the same list in the Temporal Web UI: /%s', async (query, asked) => {
    const { text } = await get(`/${query}`);
    const address = `https://temporal.example/namespaces/default/workflows?query=${encodeURIComponent(asked)}`;
    expect(onOneLine(text)).toContain(
      `<a href="${address.replaceAll("'", '&#39;')}" rel="noreferrer">Open in Temporal<`,
    );
  });

  it('The gateway replays a held delivery and redirects to the page of the form', async () => {
    const path = `/deliveries/${'ab'.repeat(32)}/replay`;
    expect((await post(path, {})).headers['location']).toBe('/?said=replayed');
    expect(replayed).toEqual([{ sha256: 'ab'.repeat(32), force: false, by: 'ada' }]);
    const { status, headers } = await post(path, { issue: 'a/b' });
    expect([status, headers['location']]).toEqual([303, '/exports/a%2Fb?said=replayed']);
  });

  it('The gateway drops a held request with the reason of the form, and never without one', async () => {
    const sha256 = 'ab'.repeat(32);
    const path = `/deliveries/${sha256}/drop`;
    expect((await get('/')).text).toContain(`action="${path}"`);
    expect((await post(path, { reason: 'a test' })).headers['location']).toBe('/?said=dropped');
    const { headers } = await post(path, { reason: 'twice', issue: 'a/b' });
    expect(headers['location']).toBe('/exports/a%2Fb?said=dropped');
    expect((await get('/?said=dropped')).text).toContain('Request dropped. It is not exported.');
    for (const reason of ['', '  ', 'x'.repeat(2001)])
      expect([reason, (await post(path, { reason })).status]).toEqual([reason, 400]);
    expect(dropped).toEqual([
      { sha256, by: 'ada', reason: 'a test' },
      { sha256, by: 'ada', reason: 'twice' },
    ]);
    expect((await get(path)).headers['location']).toBe('/'); // a reload after a refusal
  });
});

describe('an export’s page', () => {
  it('The page shows the plan before the question', async () => {
    const { text } = await get('/exports/waits');
    for (const part of [
      'Send 1,200 labels back to labeling?',
      '1,250',
      '900',
      '6 seconds',
      'plate',
      '1,100',
      'autumn',
      'relabeled by earlier exports',
      'invalid elements',
      'expires',
    ])
      expect(text).toContain(part);
    expect(text.indexOf('<h2>Plan</h2>')).toBeLessThan(text.indexOf('<h2>Send'));
    expect(text).toContain('<input type="hidden" name="revision" value="0123456789ab" />');
    expect(text).toMatch(
      /<a\s+href="https:\/\/images.example\/7.jpg"\s+target="_blank"\s+rel="noreferrer noopener"\s+referrerpolicy="no-referrer"/,
    );
  });

  it('The page links only images with an http or https address', async () => {
    const { plan } = aDetail();
    const sample = ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'no url'].map(
      (imageUrl, at) => ({
        position: at + 1,
        labelId: `l${at}`,
        imageUrl,
      }),
    );
    details.set(
      'images',
      aDetail({ issueId: 'images', plan: { ...plan!, summary: { ...plan!.summary!, sample } } }),
    );
    const { text } = await get('/exports/images');
    expect(text).toContain('l3');
    expect(text).not.toMatch(/href="(javascript|data|file|no url)/);
  });

  it('The page says why a sample label has no image, and what a reason for leaving out means', async () => {
    const plan = aPlanDetail();
    const sample = [{ position: 1, labelId: 'cuboid', noImage: 'the label is on no image <b>' }];
    const summary = { ...plan.summary, sample };
    details.set(
      'no-image',
      aDetail({ issueId: 'no-image', plan: { ...plan, leftOut: { inference: 2 }, summary } }),
    );
    const { text } = await get('/exports/no-image');
    expect(onOneLine(text)).toMatch(/No image: <bdi[^>]*>the label is on no image &lt;b&gt;<\/bdi>/);
    expect(onOneLine(text)).toMatch(
      /<strong>2<\/strong> elements with inferences of a model, not labels of the labeling service <span class="badge problem">Problem/,
    );
  });

  it('The page shows the warnings of the plan, and those of each report', async () => {
    const plan = aPlanDetail();
    const message = '2 label ids occur in several frames. Each counts as one label, which is sent once.';
    const warnings = [{ warning: 'several-frames', labels: 2, message } as const];
    const [report] = anExportWithProblems().reports;
    details.set(
      'warned',
      aDetail({
        issueId: 'warned',
        plan: { ...plan, summary: { ...plan.summary, warnings } },
        reports: [{ ...report!, warnings }],
      }),
    );
    expect(onOneLine((await get('/exports/warned')).text).split(message)).toHaveLength(3);
  });

  it('The page shows an export that only the store has, with its log, refusals and reports', async () => {
    const { text } = await get('/exports/ended');
    for (const part of [
      'Completed with problems',
      'Temporal no longer has the workflow',
      'Looked at twenty of them.',
      'Verified',
      '&quot;bob&quot; (claimed)',
      'LabelNotFound',
      '1,176 of 1,200 relabeled',
    ])
      expect(onOneLine(text)).toContain(part);
    expect(text).toContain(
      'href="/api/exports/ended/report.csv?revision=0123456789ab&amp;attempt=1&amp;excel=true"',
    );
    expect(text).not.toContain('name="decision"');
  });

  it('The page of an export that a paused destination holds says who, when and why, and resumes the destination', async () => {
    const [destinationState] = destinations;
    details.set(
      'holds',
      aDetail({
        issueId: 'holds',
        stage: 'paused',
        pausedBy: 'destination',
        pausedBecause: 'The destination labelbox is paused by ann.',
        destinationState,
      }),
    );
    const { text } = await get('/exports/holds');
    expect(onOneLine(text)).toContain('ann paused the destination labelbox at 2026-11-28 06:40:12 UTC');
    expect(text).toContain('action="/destinations/labelbox/resume"');
    expect(text).toContain('action="/exports/holds/pause"');
    expect(text).not.toContain('action="/exports/holds/resume"'); // it would pause again at once
    expect((await get('/exports/waits')).text).not.toContain('action="/destinations/');
  });

  it('The page of a dropped request says who dropped it and why, and why it was held', async () => {
    const row = {
      ...anInboxRow(),
      held: 'Its workflow closed.',
      by: 'ann',
      reason: hostile,
      at: '2026-11-28T06:40:12.000Z',
    };
    details.set(
      'dropped',
      aDetail({ issueId: 'dropped', isOpen: false, stage: 'preparing', dropped: [row] }),
    );
    const text = onOneLine((await get('/exports/dropped')).text);
    for (const part of ['Dropped by ann: ', 'Dropped requests', 'Its workflow closed.'])
      expect(text).toContain(part);
    details.set(
      'cleared',
      aDetail({
        issueId: 'cleared',
        dropped: [{ ...anInboxRow(), held: 'x', reason: 'Completed.', at: row.at }],
      }),
    );
    expect(onOneLine((await get('/exports/cleared')).text)).toContain('dropped by Requeue: Completed.');
  });

  it('The form names the plan that the page shows, and the decision names it too', async () => {
    expect((await get('/exports/waits')).text).toContain(
      '<input type="hidden" name="plan" value="d1d1d1d1d1d1" />',
    );
    const fields = { decision: 'approve', revision: '86d58b74b4e6', plan: 'd1d1d1d1d1d1', upTo: '200' };
    await post('/exports/waits/decision', fields);
    expect(decided.at(-1)).toMatchObject({ plan: 'd1d1d1d1d1d1', upTo: 200 });
    for (const odd of [{ upTo: '0x10' }, { upTo: '1e3' }, { note: 'x' }, { plan: 'abc' }])
      expect([odd, (await post('/exports/waits/decision', { ...fields, ...odd })).status]).toEqual([
        odd,
        400,
      ]);
  });

  it('The form sends the decision, and the page confirms it after a redirect', async () => {
    const fields = { decision: 'approve', revision: '0123456789ab', reason: 'two\r\nlines', upTo: '200' };
    const { status, headers } = await post('/exports/waits/decision', fields);
    expect([status, headers['location']]).toEqual([303, '/exports/waits?said=approved-part']);
    expect(decided.at(-1)).toEqual({
      issueId: 'waits',
      decision: 'approve',
      revision: '0123456789ab',
      reason: 'two\nlines',
      upTo: 200,
      by: 'ada',
      through: 'page',
    });
    expect((await get('/exports/waits?said=approved-part')).text).toContain(
      'Approved in part. The remaining labels need another decision.',
    );
    await post('/exports/waits/decision', {
      decision: 'reject',
      revision: '0123456789ab',
      reason: '',
      upTo: '',
    });
    expect(decided.at(-1)).toEqual({
      issueId: 'waits',
      decision: 'reject',
      revision: '0123456789ab',
      reason: undefined,
      by: 'ada',
      through: 'page',
    });
  });

  it('The form accepts a reason of 2,000 characters in any script, and no longer one', async () => {
    const fields = { decision: 'approve', revision: '0123456789ab' };
    expect((await post('/exports/waits/decision', { ...fields, reason: '字'.repeat(2000) })).status).toBe(
      303,
    );
    expect(decided.at(-1)?.reason).toHaveLength(2000);
    const more = await post('/exports/waits/decision', { ...fields, reason: 'x'.repeat(2001) });
    expect(more).toMatchObject({ status: 400, text: expect.stringContaining('at most 2,000 characters') });
    expect(more.text).toContain('x'.repeat(2001));
  });

  it('The page keeps the typed text when the decision is refused', async () => {
    refusal = refuse('wrong-revision', 'the decision names revision aaa, and the export is at bbb.');
    const { status, text } = await post('/exports/waits/decision', {
      decision: 'approve',
      revision: '0123456789ab',
      reason: hostile,
      upTo: '7',
    });
    refusal = undefined;
    expect(status).toBe(409);
    expect(text).toContain('The decision names revision aaa, and the export is at bbb.');
    expect(text).toContain(`${escaped}</textarea>`);
    expect(text).toMatch(/name="upTo"[^>]*value="7"/);
    expect((await get('/exports/waits/decision')).headers['location']).toBe('/exports/waits');
  });

  it.each(['0', '1.5', 'x', '-1', '1e400'])('The form refuses labels 1 to %s', async (upTo) => {
    const before = decided.length;
    const { status, text } = await post('/exports/waits/decision', {
      decision: 'approve',
      revision: '0123456789ab',
      upTo,
    });
    expect([status, decided.length]).toEqual([400, before]);
    expect(text).toContain('whole number from 1');
  });

  it('The page of an ended export asks again, for what was not done or for all, as the signed-in operator', async () => {
    const { text } = await get('/exports/ended');
    expect(text).toContain('action="/exports/ended/again"');
    expect(text).toContain('Read the report, repair the causes, then ask again');
    expect((await get('/exports/waits')).text).not.toContain('/again"');
    const { headers } = await post('/exports/ended/again', { reason: 'repaired' });
    expect(headers['location']).toBe('/exports/ended?said=again');
    await post('/exports/ended/again', { reason: '', all: 'yes' });
    const asked = { issueId: 'ended', by: 'ada', through: 'page' };
    expect(askedAgain).toEqual([
      { ...asked, all: false, reason: 'repaired' },
      expect.objectContaining({ ...asked, all: true }),
    ]);
    expect(text).not.toContain('This export is completed.');
    refusal = refuse('still-open', { issueId: 'ended', revision: 'abababababab' });
    const refused = await post('/exports/ended/again', { reason: '' });
    refusal = undefined;
    expect([refused.status, refused.text.includes('has not ended')]).toEqual([409, true]);
  });

  it('The page of a completed export offers only to send all labels again, which needs a reason', async () => {
    const { text } = await get('/exports/done');
    expect(text).toContain('action="/exports/done/again"');
    expect(text).toMatch(/<textarea id="again-reason"[^>]* required>/);
    expect(text).toMatch(/<button[^>]* name="all" value="yes"/);
    expect(text).toContain('Every label of it is sent to labeling again');
    expect(text).not.toContain('Only what was not done is planned');
    for (const path of ['/exports/replaced', '/exports/done-held'])
      expect((await get(path)).text).not.toContain('/again"');
    await post('/exports/done/again', { reason: 'wrong class', all: 'yes' });
    expect(askedAgain.at(-1)).toEqual({
      issueId: 'done',
      by: 'ada',
      through: 'page',
      reason: 'wrong class',
      all: true,
    });
  });

  it('The buttons pause, resume and cancel with the reason', async () => {
    for (const action of ['pause', 'resume', 'cancel'] as const) {
      const { headers } = await post(`/exports/waits/${action}`, { reason: 'wrong key' });
      expect(headers['location']).toBe(`/exports/waits?said=${action}`);
      expect(steered.at(-1)).toEqual({
        issueId: 'waits',
        action,
        by: 'ada',
        through: 'page',
        reason: 'wrong key',
      });
      expect((await get(String(headers['location']))).text).toContain(
        `role="status">${steerMessages[action]}</p>`,
      );
    }
  });

  it('The gateway answers 404 for an unknown issue, whatever its id', async () => {
    for (const issue of ['unknown', '%ZZ', '%2e%2e%2f', '字?', 'a'.repeat(2000)])
      expect(
        (await get(`/exports/${issue.startsWith('%') ? issue : encodeURIComponent(issue)}`)).status,
      ).toBe(404);
  });

  it('The gateway refuses a body that is not a form of a page', async () => {
    expect((await post('/exports/waits/decision', {}, { 'content-type': 'application/json' })).status).toBe(
      415,
    );
    expect((await post('/exports/waits/decision', { reason: 'x'.repeat(40_000) })).status).toBe(413);
  });

  it('The page reports that no worker answers and still offers pause and resume', async () => {
    const { status, headers, text } = await get('/exports/no-worker');
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(text).toContain('No worker answers now');
    expect(text).toContain('action="/exports/no-worker/pause"');
  });

  it.each([
    ['no-worker', 503, ['pause', 'resume', 'cancel'], 'Temporal keeps these requests until a worker runs.'],
    ['paused', 409, ['pause', 'cancel'], 'Temporal keeps these requests until the run is unpaused.'],
    ['no-store', 503, ['pause', 'cancel'], 'Pause and cancel work without the store.'],
    ['no-temporal', 503, [], ''],
  ])(
    'The page that cannot show its export offers what still works: %s',
    async (issueId, status, actions, hint) => {
      const answer = await get(`/exports/${issueId}`);
      expect(answer.status).toBe(status);
      expect(
        [...answer.text.matchAll(/action="\/exports\/[^/"]+\/(\w+)"/g)].map(([, action]) => action),
      ).toEqual(actions);
      expect(answer.text).toContain(hint);
    },
  );

  it('The page names the command that unpauses a run that Temporal itself paused', async () => {
    expect(onOneLine((await get('/exports/paused')).text)).toContain(
      'Temporal itself paused this run. Unpause it: temporal workflow unpause -w &#39;w&#39;',
    );
  });

  it('The page shows one sentence for all activities that fail alike', async () => {
    const failing = (attempt: number) => ({
      activity: 'relabelChunk',
      activityId: String(attempt),
      attempt,
      lastFailure: 'The service is away.',
      state: 'waiting' as const,
      nextAttemptAt: `2026-11-28T03:55:0${attempt}.000Z`,
    });
    details.set('fails', aDetail({ issueId: 'fails', stage: 'sending', pending: [failing(2), failing(4)] }));
    expect((await get('/exports/fails')).text).toContain(
      '2 activities relabelChunk failed, up to 3 times each: The service is away. Next attempt at 2026-11-28 03:55:02 UTC.',
    );
  });
});

describe('the live parts of a page', () => {
  it.each(['/live?stage=paused', '/exports/waits/live'])(
    'The gateway sends the parts of %s, and 304 while nothing changes',
    async (path) => {
      const first = await get(path);
      expect(first.status).toBe(200);
      expect(first.text).not.toContain('<html');
      expect(first.text).toContain('data-part=');
      const again = await get(path, { 'if-none-match': String(first.headers['etag']) });
      expect([again.status, again.text]).toEqual([304, '']);
    },
  );

  it('A refusal of the live parts is one sentence', async () => {
    expect(await get('/exports/no-worker/live')).toMatchObject({
      status: 503,
      text: 'No worker answers now. Try again in a moment.',
    });
    expect(await browse(gateway.port, '/live')).toMatchObject({
      status: 401,
      text: expect.stringMatching(/^Your sign-in has ended/),
    });
  });

  it('The page of an issue called live is not mistaken for live parts', async () => {
    details.set('live', aDetail({ issueId: 'live' }));
    expect((await get('/exports/live')).text).toContain('<h1>');
    expect((await browse(gateway.port, '/exports/live')).status).toBe(303);
  });
});
