import { resume } from '../../src/cli/commands/resume';
import { steer } from '../../src/cli/commands/steer';
import { WrongUsage } from '../../src/cli/wrong-usage';
import { startFakeApi } from './fake-api';
import { fakePipes, fakeTerminal } from './fake-streams';

const steered = { issueId: 'one', action: 'pause', message: 'Pause is asked for.' };

it('pauses with a reason', async () => {
  const { options, got } = await startFakeApi({ 'POST /api/exports/one/pause': steered });
  const streams = fakePipes();
  await steer('pause', 'one', { ...options, reason: 'look at label 7' }, streams);
  expect(streams.out()).toBe('Pause is asked for.\n');
  expect(got[0]?.body).toEqual({ reason: 'look at label 7' });
});

it('cancels after a yes on the terminal, or with --yes', async () => {
  const { options, got } = await startFakeApi({ 'POST /api/exports/one/cancel': steered });
  const streams = fakeTerminal({ typed: 'y\n' });
  await steer('cancel', 'one', options, streams);
  expect(streams.err()).toContain(
    'Cancel the export of the issue one? What was not sent is withheld. [y/N] ',
  );
  await expect(steer('cancel', 'one', options, fakeTerminal({ typed: 'n\n' }))).rejects.toThrow(
    'Nothing was cancelled.',
  );
  await steer('cancel', 'one', { ...options, yes: true }, fakePipes());
  await expect(steer('cancel', 'one', options, fakePipes())).rejects.toThrow(WrongUsage);
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
    '2 exports of labelbox go on; what a person paused stays paused.',
    '  one',
    '  two\\u202e',
    '',
  ]);
  expect(got).toHaveLength(2);
});

it('takes an issue or a destination, one of them', async () => {
  await expect(resume(undefined, {}, fakePipes())).rejects.toThrow(WrongUsage);
  await expect(resume('one', { destination: 'labelbox' }, fakePipes())).rejects.toThrow(WrongUsage);
  await expect(resume(undefined, { destination: 'labelbox', reason: 'mended' }, fakePipes())).rejects.toThrow(
    WrongUsage,
  );
});
