import { find } from '../../../src/cli/commands/find';
import type { FoundLabel } from '../../../src/gateway/api/operator-api';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { revision } from '../../support/api-answers';
import { startFakeApi } from '../fake-api';
import { fakePipes, fakeTerminal } from '../fake-streams';

const one: FoundLabel = {
  issueId: 'one',
  issueName: 'Blurred plates',
  project: 'roads',
  revision,
  attempt: 2,
  position: 1234,
  outcome: 'relabeled',
  elementCount: 1,
  elements: [{ element: 0, elementId: 'e1' }],
  repeated: true,
  at: '2026-11-24T01:00:00.000Z',
  decision: 'ann (token)',
  exportOutcome: 'completed',
  endedAt: '2026-11-24T02:00:00.000Z',
  links: { self: '', temporal: '' },
};

it('find prints the exports that planned a label, and who approved it', async () => {
  const { options } = await startFakeApi({
    'GET /api/labels/a%2Fb': { labelId: 'a/b', exports: [one], changedReports: [] },
  });
  const streams = fakePipes();
  await find('a/b', options, streams);
  expect(streams.out()).toBe(
    `one\t${revision}/2\t1,234\trelabeled (repeated)\tann (token)\t2026-11-24T01:00:00.000Z\tBlurred plates\n`,
  );
});

it('find prints who rejected a withheld label', async () => {
  const withheld: FoundLabel = { ...one, outcome: 'withheld', repeated: false, exportOutcome: 'rejected' };
  const { options } = await startFakeApi({
    'GET /api/labels/a': { labelId: 'a', exports: [withheld], changedReports: [] },
  });
  const streams = fakePipes();
  await find('a', options, streams);
  expect(streams.out()).toContain('\twithheld\trejected by ann (token)\t');
});

it('find states that no export planned the label', async () => {
  const { options } = await startFakeApi({
    'GET /api/labels/x': { labelId: 'x', exports: [], changedReports: [] },
  });
  const streams = fakePipes();
  await find('x', options, streams);
  expect([streams.out(), streams.err()]).toEqual(['', 'No ended export planned the label x.\n']);
});

it('find names a report that was changed instead of what it says', async () => {
  const answer = { labelId: 'x', exports: [one], changedReports: ['exports/two/3/report.json'] };
  const { options } = await startFakeApi({ 'GET /api/labels/x': answer });
  const streams = fakePipes();
  await find('x', options, streams);
  expect(streams.out()).toContain(`one\t${revision}/2\t`);
  expect(streams.err()).toBe(
    'exports/two/3/report.json was changed on disk after it was written; what it says about the label is left out. Restore it from the backup.\n',
  );
});

it('find prints hostile names as plain text, and the same values as JSON', async () => {
  const found = hostileNames.map(({ text }) => ({
    ...one,
    issueId: text.slice(0, 100),
    issueName: text,
    decision: text.slice(0, 100),
  }));
  const answer = { labelId: 'x', exports: found, changedReports: [] };
  const { options } = await startFakeApi({ 'GET /api/labels/x': answer });
  const [terminal, json] = [fakeTerminal(), fakePipes()];
  await find('x', options, terminal);
  await find('x', { ...options, json: true }, json);
  const lines = terminal.out().split('\n');
  expect(lines).toHaveLength(found.length + 2);
  for (const line of [...lines, json.out().trimEnd()]) expect(line).not.toMatch(unprintable);
  expect(JSON.parse(json.out())).toEqual(answer);
});
