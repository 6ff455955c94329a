import { pause } from '../../../src/cli/commands/pause';
import { resume } from '../../../src/cli/commands/resume';
import { steer } from '../../../src/cli/commands/steer';
import { WrongUsage } from '../../../src/cli/wrong-usage';
import { startFakeApi } from '../fake-api';
import { fakePipes, fakeTerminal } from '../fake-streams';

const steered = { issueId: 'one', action: 'pause', message: 'Pause requested.' };

it('pause sends its reason', async () => {
  const { options, got } = await startFakeApi({ 'POST /api/exports/one/pause': steered });
  const streams = fakePipes();
  await steer('pause', 'one', { ...options, reason: 'look at label 7' }, streams);
  expect(streams.out()).toBe('Pause requested.\n');
  expect(got[0]?.body).toEqual({ reason: 'look at label 7' });
});

it('cancel asks on the terminal, unless --yes is given', async () => {
  const { options, got } = await startFakeApi({ 'POST /api/exports/one/cancel': steered });
  const streams = fakeTerminal({ typed: 'y\n' });
  await steer('cancel', 'one', options, streams);
  expect(streams.err()).toContain(
    'Cancel the export of issue one? Labels that were not sent are withheld. [y/N] ',
  );
  await expect(steer('cancel', 'one', options, fakeTerminal({ typed: 'n\n' }))).rejects.toThrow(
    'Nothing was cancelled.',
  );
  await steer('cancel', 'one', { ...options, yes: true }, fakePipes());
  await expect(steer('cancel', 'one', options, fakePipes())).rejects.toThrow(WrongUsage);
  expect(got).toHaveLength(2);
});

it('resume resumes an issue, or every export of a destination', async () => {
  const { options, got } = await startFakeApi({
    'POST /api/exports/one/resume': steered,
    'POST /api/destinations/labelbox/resume': { resumed: ['one', 'two\u202E'] },
  });
  const streams = fakePipes();
  await resume('one', { ...options, json: true }, streams);
  await resume(undefined, { ...options, destination: 'labelbox' }, streams);
  expect(streams.out().split('\n')).toEqual([
    JSON.stringify(steered),
    'Resumed labelbox, and 2 exports that waited for it. Exports that an operator paused stay paused.',
    '  one',
    '  two\\u202e',
    '',
  ]);
  expect(got).toHaveLength(2);
});

it('resume accepts either an issue or a destination', async () => {
  await expect(resume(undefined, {}, fakePipes())).rejects.toThrow(WrongUsage);
  await expect(resume('one', { destination: 'labelbox' }, fakePipes())).rejects.toThrow(WrongUsage);
  await expect(resume(undefined, { destination: 'labelbox', reason: 'fixed' }, fakePipes())).rejects.toThrow(
    WrongUsage,
  );
});

it('pause pauses an issue, or a destination with its reason', async () => {
  const message = 'Paused labelbox: nothing more is sent.';
  const { options, got } = await startFakeApi({
    'POST /api/exports/one/pause': steered,
    'POST /api/destinations/labelbox/pause': { destination: 'labelbox', paused: 'now', message },
  });
  const streams = fakePipes();
  await pause('one', options, streams);
  await pause(undefined, { ...options, destination: 'labelbox', reason: 'vendor outage' }, streams);
  expect(streams.out()).toBe(`Pause requested.\n${message}\n`);
  expect(got[1]?.body).toEqual({ reason: 'vendor outage' });
});

it('pause accepts either an issue or a destination', async () => {
  await expect(pause(undefined, {}, fakePipes())).rejects.toThrow(WrongUsage);
  await expect(pause('one', { destination: 'labelbox' }, fakePipes())).rejects.toThrow(WrongUsage);
});
