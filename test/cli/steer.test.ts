import { resume } from '../../src/cli/resume';
import { steer } from '../../src/cli/steer';
import { startFakeApi } from './fake-api';
import { fakePipes, fakeTerminal } from './fake-streams';
import { requeue } from './run-requeue';

const steered = { issueId: 'one', action: 'pause', message: 'Pause is asked for.' };

it('pauses with a reason', async () => {
  const { args, got } = await startFakeApi({ 'POST /api/exports/one/pause': steered });
  const { code, stdout } = await requeue(['pause', 'one', '--reason', 'look at label 7', ...args]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Pause is asked for.\n' });
  expect(got[0]?.body).toEqual({ reason: 'look at label 7' });
});

it('cancels after a yes on the terminal, or with --yes', async () => {
  const { options, got } = await startFakeApi({ 'POST /api/exports/one/cancel': steered });
  const streams = fakeTerminal({ typed: 'y\n' });
  await steer('cancel', 'one', options, streams);
  expect(streams.err()).toContain('Cancel the export of the issue one? What was not sent is withheld. [y/N] ');
  await expect(steer('cancel', 'one', options, fakeTerminal({ typed: 'n\n' }))).rejects.toThrow('Nothing was cancelled.');
  await steer('cancel', 'one', { ...options, yes: true }, fakePipes());
  expect(got).toHaveLength(2);
});

it('resumes an issue, or every export of a destination', async () => {
  const { options, got } = await startFakeApi({
    'POST /api/exports/one/resume': steered,
    'POST /api/destinations/labelbox/resume': { resumed: ['one', 'two\u202E'] },
  });
  const streams = fakePipes();
  await resume('one', { ...options, json: true }, streams);
  await resume(undefined, { ...options, destination: 'labelbox' }, streams);
  expect(streams.out().split('\n')).toEqual([
    JSON.stringify(steered),
    '2 exports of labelbox were asked to go on.',
    '  one',
    '  two\\u202e',
    '',
  ]);
  expect(got).toHaveLength(2);
});

it.each([[[]], [['one', '--destination', 'labelbox']], [['--destination', 'labelbox', '--reason', 'mended']]])(
  'takes resume %j for wrong usage',
  async (words) => {
    const { code, stderr } = await requeue(['resume', ...words]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--destination/);
  },
);
