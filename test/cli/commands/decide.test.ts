import { decide } from '../../../src/cli/commands/decide';
import { WrongUsage } from '../../../src/cli/wrong-usage';
import type { Decided } from '../../../src/gateway/api/operator-api';
import { aDetail, aPlanDetail, ended, revision, sending } from '../../support/api-answers';
import { Refused, startFakeApi } from '../fake-api';
import { fakePipes, fakeTerminal } from '../fake-streams';
import { requeue } from '../run-requeue';

const show = 'GET /api/exports/one';
const decision = 'POST /api/exports/one/decision';
const decided: Decided = {
  result: 'answered',
  issueId: 'one',
  revision,
  message: 'Approved labels 1 to 1,200.',
};

it('approve --revision decides about that revision without asking', async () => {
  const { args, got } = await startFakeApi({ [decision]: decided });
  const words = [
    '--revision',
    revision,
    '--plan',
    'ab'.repeat(6),
    '--up-to',
    '200',
    '--reason',
    'looks right',
  ];
  const { code, stdout, stderr } = await requeue(['approve', 'one', ...words, ...args]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'Approved labels 1 to 1,200.\n', stderr: '' });
  expect(got).toEqual([
    {
      line: decision,
      authorization: 'Bearer t1',
      body: { decision: 'approve', revision, plan: 'ab'.repeat(6), upTo: 200, reason: 'looks right' },
    },
  ]);
});

it('approve --up-to names the present plan of its revision unless --plan names another', async () => {
  const { args, got } = await startFakeApi({ [show]: aDetail(), [decision]: decided });
  for (const named of [revision, 'ab'.repeat(6)])
    await requeue(['approve', 'one', '--revision', named, '--up-to', '200', ...args]);
  expect(got.flatMap(({ body }) => (body === undefined ? [] : [body]))).toEqual([
    { decision: 'approve', revision, upTo: 200, plan: 'd1d1d1d1d1d1' },
    { decision: 'approve', revision: 'ab'.repeat(6), upTo: 200 },
  ]);
});

it('approve without a terminal makes no decision and ends with 2', async () => {
  const { args, options, got } = await startFakeApi({ [show]: aDetail(), [decision]: decided });
  const { code, stdout, stderr } = await requeue(['approve', 'one', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/no terminal to ask on/);
  await expect(decide('reject', 'one', options, fakePipes())).rejects.toThrow(WrongUsage);
  expect(got).toEqual([]);
});

it('reject --yes decides about the open question, and shows it', async () => {
  const { options, got } = await startFakeApi({ [show]: aDetail(), [decision]: decided });
  const streams = fakePipes();
  await decide('reject', 'one', { ...options, yes: true, json: true }, streams);
  expect(JSON.parse(streams.out())).toEqual(decided);
  for (const part of [revision, '1,200 labels of 1,250 elements', 'Send labels 1 to 1,200 back to labeling?'])
    expect(streams.err()).toContain(part);
  expect(got.map(({ line, body }) => [line, body])).toEqual([
    [show, undefined],
    [decision, { decision: 'reject', revision }],
  ]);
});

it.each(['y\n', 'Yes\n', ' y \n'])(
  'approve decides about the shown revision when the operator types %j',
  async (typed) => {
    const { options, got } = await startFakeApi({ [show]: aDetail(), [decision]: decided });
    const streams = fakeTerminal({ typed });
    await decide('approve', 'one', { ...options, upTo: 200 }, streams);
    expect(streams.err()).toContain('Approve labels 1 to 200? [y/N] ');
    expect(streams.err()).toContain('7. label-7 (plate) https://images.example/7.jpg');
    expect(streams.out()).toBe('Approved labels 1 to 1,200.\n');
    expect(got[1]?.body).toEqual({ decision: 'approve', revision, upTo: 200, plan: 'd1d1d1d1d1d1' });
  },
);

it.each(['n\n', '\n', 'yesterday\n', 'y', '', '\x03', 'y\x04', undefined])(
  'approve makes no decision when the operator types %j',
  async (typed) => {
    const { options, got } = await startFakeApi({ [show]: aDetail(), [decision]: decided });
    const streams = fakeTerminal(typed === undefined ? {} : { typed });
    await expect(decide('approve', 'one', options, streams)).rejects.toThrow('Nothing was decided.');
    expect(streams.out()).toBe('');
    expect(got.map(({ line }) => line)).toEqual([show]);
  },
);

it('approve asks about the rest after a part was approved', async () => {
  const { options } = await startFakeApi({
    [show]: aDetail({
      approval: { needed: true, upTo: 200, question: 2 },
      plan: aPlanDetail({ force: true }),
    }),
    [decision]: decided,
  });
  const streams = fakeTerminal({ typed: 'y\n' });
  await decide('approve', 'one', options, streams);
  expect(streams.err()).toContain('labels 1 to 200 are already approved');
  expect(streams.err()).toContain('everything is sent again');
  expect(streams.err()).toContain('Approve labels 201 to 1,200? [y/N] ');
});

it('approve states that there is no open question, and that an early decision needs a revision', async () => {
  const { options, got } = await startFakeApi({ [show]: sending(5) });
  const failure = decide('approve', 'one', { ...options, yes: true }, fakePipes());
  await expect(failure).rejects.toThrow(
    'Issue one has no open question (stage sending). To decide before the question, pass --revision.',
  );
  expect(got).toHaveLength(1);
  const afterEnd = await startFakeApi({ [show]: ended('completed') });
  await expect(decide('approve', 'one', { ...afterEnd.options, yes: true }, fakePipes())).rejects.toThrow(
    /^Issue one has no open question \(stage completed\)\.$/,
  );
});

it('approve ends with 1 and the gateway’s sentence when the gateway refuses', async () => {
  const refused = new Refused(409, 'Conflict: the export is at revision aaaaaaaaaaaa, not 0123456789ab.');
  const { args } = await startFakeApi({ [decision]: refused });
  const { code, stdout, stderr } = await requeue(['approve', 'one', '--revision', revision, ...args]);
  expect({ code, stdout, stderr }).toEqual({
    code: 1,
    stdout: '',
    stderr: '409 Conflict: the export is at revision aaaaaaaaaaaa, not 0123456789ab.\n',
  });
});

it.each([
  ['--up-to', '0'],
  ['--up-to', '1.5'],
  ['--up-to', 'all'],
  ['--revision', 'ABCDEF012345'],
])('approve %s %s is wrong usage', async (option, value) => {
  const { code, stderr } = await requeue(['approve', 'one', option, value]);
  expect(code).toBe(2);
  expect(stderr).toContain('xpected');
});
