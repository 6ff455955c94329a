import type { ExportDetail } from '../../../src/gateway/api/operator-api';
import { show } from '../../../src/cli/commands/show';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { aDetail, anInboxRow, aPlanDetail, ended, revision, sending } from '../../support/api-answers';
import { startFakeApi } from '../fake-api';
import { fakePipes } from '../fake-streams';
import { requeue } from '../run-requeue';

const path = 'GET /api/exports/one';
const at = '2026-11-24T01:00:00.000Z';
const none = { planned: 1200, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 1200 };

const full = aDetail({
  pending: [
    {
      activity: 'relabelChunk',
      activityId: '4',
      attempt: 2,
      lastFailure: 'The service answers 503.',
      state: 'paused',
      by: 'ann',
      reason: 'wait',
      unpauseWith: 'temporal activity unpause',
    },
  ],
  decisions: [{ decision: 'approve', revision, by: 'ann', at, reason: 'looks right', upTo: 200 }],
  log: [{ at, text: 'ann (token) approved labels 1 to 200.' }],
  refusals: [
    {
      from: 101,
      to: 200,
      at,
      because: 'The service refused the items (422).',
      detail: 'label-101 is locked',
    },
  ],
  reports: [
    {
      revision: 'ffffffffffff',
      attempt: 1,
      outcome: 'rejected',
      reason: 'wrong class',
      receivedAt: at,
      endedAt: at,
      labels: none,
      decisions: [],
      links: { json: 'http://gateway.example/a.json', csv: 'http://gateway.example/a.csv' },
    },
  ],
  inbox: [{ ...anInboxRow({ issueId: 'one' }), held: 'Its workflow was terminated.' }],
});

it('show prints the plan first, then the stage, the question with its commands, and who decided what', async () => {
  const { args } = await startFakeApi({ [path]: full });
  const { code, stdout, stderr } = await requeue(['show', 'one', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(', digits d1d1d1d1d1d1\n');
  const heads = [
    'Issue ',
    'Plan of revision',
    'Stage ',
    'Send labels',
    'Decisions with a token',
    'Log',
    'Refused calls',
    'Reports',
    'In the inbox',
    'Links',
  ];
  expect(stdout.split('\n').filter((line) => heads.some((head) => line.startsWith(head)))).toHaveLength(
    heads.length,
  );
  const places = heads.map((head) => stdout.search(new RegExp(`^${head}`, 'm')));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  for (const part of [
    'Issue Blurred plates (one), project roads',
    '1,200 labels of 1,250 elements in 900 frames',
    'labelbox, project roads-at-labelbox: 12 calls, at least 6 seconds at the configured rate',
    'plate 1,100, other or no class 100',
    '40 already-relabeled, 10 invalid',
    '40 left out because earlier exports of this issue relabeled them',
    '7. label-7 (plate) https://images.example/7.jpg',
    'Send labels 1 to 1,200 back to labeling? It expires at 2026-12-01T00:00:00.000Z.',
    `  requeue approve one --revision ${revision}\n`,
    `  requeue approve one --revision ${revision} --plan d1d1d1d1d1d1 --up-to 100\n`,
    `  requeue reject one --revision ${revision} --reason why\n`,
    `${at} ann: approve ${revision} up to 200, “looks right”`,
    'labels 101-200: The service refused the items (422): label-101 is locked',
    'revision ffffffffffff, attempt 1: rejected, 0 of 1,200 labels. wrong class',
    `on hold: Its workflow was terminated. Release it with requeue replay ${'ab'.repeat(32)}, or drop it with requeue drop ${'ab'.repeat(32)} --reason '…'`,
    'http://ui.example/workflows/export-issue-one',
  ])
    expect(stdout).toContain(part);
});

it('show --json prints the API’s answer', async () => {
  const { options } = await startFakeApi({ [path]: full });
  const streams = fakePipes();
  await show('one', { ...options, json: true }, streams);
  expect(JSON.parse(streams.out())).toEqual(full);
});

it('show prints hostile texts as plain text, without a line break in them', async () => {
  const plain = (await shown(full)).split('\n').length;
  for (const { text } of hostileNames) {
    const hostile = everyText(full, text);
    const lines = (await shown(hostile)).split('\n');
    expect(lines).toHaveLength(plain);
    for (const line of lines) expect(line).not.toMatch(unprintable);
  }
});

it('show --watch ends with 0 when the export completed, and with 1 and the outcome otherwise', async () => {
  const { args, options } = await startFakeApi({
    [path]: ended('rejected'),
    'GET /api/exports/two': ended('completed'),
  });
  const rejected = await requeue(['show', 'one', '--watch', ...args]);
  expect(rejected).toMatchObject({ code: 1, stderr: 'The export ended as rejected.\n' });
  const completed = fakePipes();
  await show('two', { ...options, watch: true }, completed);
  expect(completed.out()).toContain('[####################] 1,200 of 1,200 labels');
});

it('show ends with 1 and the gateway’s sentence for an unknown issue', async () => {
  const { args } = await startFakeApi({});
  expect(await requeue(['show', 'three', ...args])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: '404 Not Found: nothing is here.\n',
  });
});

it('show states that an accepted request has not started or is on hold, and --watch follows it', async () => {
  const nothing = { planned: 0, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 };
  const { plan: _none, ...accepted } = sending(0, {
    stage: 'preparing',
    isOpen: false,
    source: 'store',
    labels: nothing,
  });
  const waiting = { ...accepted, inbox: [anInboxRow()] };
  const held = { ...accepted, inbox: [{ ...anInboxRow(), held: 'It was terminated.' }] };
  expect(await shown(waiting)).toContain('Stage preparing (accepted, not started yet)');
  expect(await shown(held)).toContain(
    'Stage preparing (on hold: not retried; replay the delivery or drop it)',
  );
  const { options } = await startFakeApi({
    [path]: [waiting, waiting, ended('completed')],
    'GET /api/exports/two': [waiting, held],
  });
  const streams = fakePipes();
  await show('one', { ...options, watch: true, everyMs: 1 }, streams);
  expect(streams.out()).toMatch(/completed, 1,200 of 1,200 labels of revision \w+\n$/);
  await expect(show('two', { ...options, watch: true, everyMs: 1 }, streams)).rejects.toThrow(
    `The export is on hold. Release it with requeue replay ${'ab'.repeat(32)}, or drop it with requeue drop ${'ab'.repeat(32)} --reason '…'`,
  );
});

it('show states who dropped a request and why, and --watch ends with it', async () => {
  const drop = {
    ...anInboxRow(),
    held: 'It was terminated.',
    by: 'ann',
    reason: 'a test',
    at: '2026-11-28T06:40:12.000Z',
  };
  const detail = sending(0, { isOpen: false, dropped: [drop] });
  const text = await shown(detail);
  expect(text).toContain('Stage sending (dropped by ann: a test)');
  expect(text).toContain(
    'Dropped requests\n  2026-11-28T06:40:12.000Z revision 0123456789ab dropped by ann: a test. It was held: It was terminated.',
  );
  const { by: _, ...cleared } = drop;
  expect(await shown(ended('completed', { dropped: [cleared] }))).toContain('dropped by Requeue: a test');
  const { options } = await startFakeApi({ [path]: [detail] });
  await expect(show('one', { ...options, watch: true, everyMs: 1 }, fakePipes())).rejects.toThrow(
    'The request was dropped by ann: a test',
  );
});

it('show states which activity fails, how often, and when it is tried again', async () => {
  const text = await shown(
    sending(100, {
      pending: [
        {
          activity: 'relabelChunk',
          activityId: '4',
          attempt: 4,
          state: 'waiting',
          lastFailure: 'The service answers 503.',
          nextAttemptAt: '2026-11-28T03:55:07.000Z',
        },
      ],
    }),
  );
  expect(text).toContain(
    '  relabelChunk failed 3 times: The service answers 503. Next attempt at 2026-11-28 03:55:07 UTC.\n',
  );
});

async function shown(detail: ExportDetail): Promise<string> {
  const { options } = await startFakeApi({ [path]: detail });
  const streams = fakePipes();
  await show('one', options, streams);
  return streams.out();
}

/** Like the detail, but with other untrusted text in every field. */
function everyText(detail: ExportDetail, text: string): ExportDetail {
  const plan = aPlanDetail({ destination: text, destinationProject: text });
  const { summary } = plan;
  const names = { top: [{ name: text, labels: 1200 }], other: 0 };
  return {
    ...detail,
    issueId: text,
    issueName: text,
    project: text,
    destination: text,
    pausedBecause: text,
    plan: {
      ...plan,
      ...(summary
        ? {
            summary: {
              ...summary,
              classes: names,
              datasets: names,
              inferenceSets: { top: [], other: 0 },
              sample: [{ position: 1, labelId: text, className: text, imageUrl: text }],
            },
          }
        : {}),
    },
    pending: detail.pending.map((pending) => ({ ...pending, by: text, reason: text, lastFailure: text })),
    decisions: detail.decisions.map((decision) => ({ ...decision, by: text, reason: text })),
    log: [{ at, text }],
    refusals: detail.refusals.map((refusal) => ({ ...refusal, because: text, detail: text })),
    reports: detail.reports.map((report) => ({ ...report, reason: text })),
    inbox: detail.inbox.map((row) => ({ ...row, held: text, issueName: text })),
    links: { self: text, temporal: text },
  };
}

it('show says who paused the destination of an export, when and why, and how to resume it', async () => {
  const { args } = await startFakeApi({
    [path]: sending(0, {
      stage: 'paused',
      pausedBy: 'destination',
      pausedBecause: 'The destination labelbox is paused by ann ("outage").',
      destinationState: {
        name: 'labelbox',
        paused: { by: 'ann', reason: 'outage', since: at },
        waiting: [],
        hasMore: false,
      },
    }),
  });
  const { stdout } = await requeue(['show', 'one', ...args]);
  expect(stdout).toContain(
    '  ann paused the destination labelbox at 2026-11-24 01:00:00 UTC (“outage”). Nothing is sent to it until it is resumed.\n' +
      '  Resume it: requeue resume --destination labelbox\n',
  );
});
