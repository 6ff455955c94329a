import { list } from '../../../src/cli/commands/list';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { aList, anInboxRow, aRow } from '../../support/api-answers';
import { startFakeApi } from '../fake-api';
import { fakePipes, fakeTerminal } from '../fake-streams';
import { requeue } from '../run-requeue';

const sha256 = 'ab'.repeat(32);
const whole = aList({
  exports: [
    aRow(),
    aRow({ issueId: 'zero', stage: 'completed', isOpen: false, labels: { planned: 5, done: 5 } }),
  ],
  notStarted: [anInboxRow()],
  held: [{ ...anInboxRow({ issueId: 'three' }), because: 'Its workflow was terminated.' }],
  next: 't:bWFyaw',
  warnings: ['Temporal does not answer.'],
});

it('A piped list has one line for each export, and reports on standard error what is missing', async () => {
  const { args } = await startFakeApi({
    'GET /api/exports?stage=sending&project=my+roads&issue=o&limit=2': whole,
  });
  const { code, stdout, stderr } = await requeue(
    ['list', '--stage', 'sending', '--project', 'my roads', '--issue', 'o', '--limit', '2', ...args],
    { NO_COLOR: '1' },
  );
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.split('\t'))).toEqual([
    ['not-started', 'two', '0', '0', 'roads', '', '2026-11-24T00:00:00.000Z', 'Signs'],
    [
      'held',
      'three',
      '0',
      '0',
      'roads',
      '',
      '2026-11-24T00:00:00.000Z',
      'Signs',
      'Its workflow was terminated.',
      `requeue replay ${sha256}`,
      `requeue drop ${sha256} --reason '…'`,
    ],
    ['sending', 'one', '300', '1200', 'roads', 'labelbox', '2026-11-24T00:00:00.000Z', 'Blurred plates'],
    ['completed', 'zero', '5', '5', 'roads', 'labelbox', '2026-11-24T00:00:00.000Z', 'Blurred plates'],
    [''],
  ]);
  expect(stderr).toContain('Temporal does not answer.\n');
  expect(stderr).toContain(
    "Next page: requeue list --stage sending --project 'my roads' --issue o --limit 2",
  );
  expect(stderr).toContain('--page t:bWFyaw');
  expect(stderr).not.toContain('t1');
});

it('A list on a terminal shows tables: on hold and not started first, then progress', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports': whole });
  const streams = fakeTerminal();
  await list(options, streams);
  const lines = streams.out().split('\n');
  expect(lines[0]).toBe(
    "On hold: not retried. Replay the delivery, or drop it with requeue drop <sha256> --reason '…'",
  );
  expect(lines[2]).toMatch(new RegExp(`^three .*Its workflow was terminated\\. +requeue replay ${sha256}$`));
  expect(lines).toContain('Accepted, not started yet');
  const [head, one, zero] = lines.slice(-4, -1);
  for (const name of ['ISSUE', 'STAGE', 'LABELS', 'AGE', 'NAME', 'PROJECT', 'DESTINATION'])
    expect(head).toContain(name);
  expect(one).toMatch(
    /^one +sending +300 of 1,200 +\[#{5}\.{15}\] +\d+ \w+ +Blurred plates +roads +labelbox$/,
  );
  expect(one?.indexOf('sending')).toBe(head?.indexOf('STAGE'));
  expect(zero).toMatch(/^zero +completed +5 of 5 +\[#{20}\]/);
});

it('A list on a narrow terminal has fewer columns', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports': aList() });
  const streams = fakeTerminal({ columns: 80 });
  await list(options, streams);
  const [head, one] = streams.out().split('\n');
  expect(head).not.toContain('DESTINATION');
  expect(one).toMatch(/^one +sending +300 of 1,200 +25% /);
});

it('An empty list is stated on a terminal, and prints nothing in a pipe', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports': aList({ exports: [] }) });
  const [terminal, pipes] = [fakeTerminal(), fakePipes()];
  await list(options, terminal);
  await list(options, pipes);
  expect([terminal.out(), pipes.out()]).toEqual(['No exports.\n', '']);
});

it('list --json prints the API’s answer', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports': whole });
  const streams = fakePipes();
  await list({ ...options, json: true }, streams);
  expect(JSON.parse(streams.out())).toEqual(whole);
  expect(streams.err()).toBe('');
});

it('list prints hostile names as plain text, one row each, aligned by displayed width', async () => {
  const texts = hostileNames.map(({ text }) => text.slice(0, 100));
  const rows = texts.map((text) =>
    aRow({ issueId: text, issueName: text, project: text, destination: text }),
  );
  const held = texts.map((text) => ({
    ...anInboxRow({ issueId: text, issueName: text, project: text }),
    because: text,
  }));
  const hostile = aList({ exports: rows, held, notStarted: held, warnings: texts });
  const { options } = await startFakeApi({ 'GET /api/exports': hostile });
  const [terminal, pipes, json] = [fakeTerminal(), fakePipes(), fakePipes()];
  await list(options, terminal);
  await list(options, pipes);
  await list({ ...options, json: true }, json);
  for (const line of `${terminal.out()}${terminal.err()}${json.out()}`.split('\n'))
    expect(line).not.toMatch(unprintable);
  for (const line of pipes.out().replaceAll('\t', '').split('\n')) expect(line).not.toMatch(unprintable);
  expect(pipes.out().split('\n')).toHaveLength(3 * texts.length + 1);
  expect(JSON.parse(json.out())).toEqual(hostile);
});

it('A list on a terminal marks a run that Temporal itself paused', async () => {
  const { options } = await startFakeApi({
    'GET /api/exports': aList({ exports: [aRow({ pausedInTemporal: true })] }),
  });
  const streams = fakeTerminal();
  await list(options, streams);
  expect(streams.out()).toContain('sending (paused in Temporal)');
});
