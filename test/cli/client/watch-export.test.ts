import { GatewayError, NoGateway } from '../../../src/cli/client/gateway-client';
import { watchExport } from '../../../src/cli/client/watch-export';
import type { ExportDetail } from '../../../src/gateway/api/operator-api';
import { aDetail, anInboxRow, ended, revision, sending } from '../../support/api-answers';
import { fakePipes, fakeTerminal, type FakeStreams } from '../fake-streams';

const everyMs = 1;

/** Returns the answers one after the other, and throws the errors among them. */
function answerInTurn(answers: readonly (ExportDetail | Error)[]): () => Promise<ExportDetail> {
  const left = [...answers];
  return async () => {
    const next = left.shift();
    if (next === undefined) throw new Error('It fetches after the end.');
    if (next instanceof Error) throw next;
    return next;
  };
}

async function watch(
  streams: FakeStreams,
  first: ExportDetail,
  rest: readonly (ExportDetail | Error)[],
  json = false,
) {
  return watchExport({ first, fetchDetail: answerInTurn(rest), json, everyMs }, streams).catch(
    (error: unknown) => (error as Error).message,
  );
}

it('A piped watch writes a line at each change, until the end', async () => {
  const streams = fakePipes();
  const paused = sending(200, {
    stage: 'paused',
    pausedBecause: 'the service refused our API key (401)',
    pausedBy: 'service',
  });
  const failure = await watch(streams, aDetail(), [
    aDetail(),
    sending(100),
    sending(100),
    paused,
    sending(200),
    ended('completed'),
  ]);
  expect(failure).toBeUndefined();
  expect(
    streams
      .out()
      .replaceAll(/^\S+Z /gm, '')
      .split('\n'),
  ).toEqual([
    `awaiting-approval, 0 of 1,200 labels of revision ${revision}. Send labels 1 to 1,200 back to labeling?`,
    `sending, 100 of 1,200 labels of revision ${revision}`,
    `paused: the service refused our API key (401), 200 of 1,200 labels of revision ${revision}`,
    `sending, 200 of 1,200 labels of revision ${revision}`,
    `completed, 1,200 of 1,200 labels of revision ${revision}`,
    '',
  ]);
  expect(streams.out()).toMatch(/^\d{4}-\d\d-\d\dT/);
});

it('A watch retries while a gateway or worker is unreachable, and reports it once', async () => {
  const streams = fakePipes();
  const away = [
    new NoGateway('No gateway answers at x (ECONNREFUSED).'),
    new GatewayError(503, 'no worker answers.'),
  ];
  await watch(streams, sending(100), [away[0]!, away[0]!, away[1]!, ended('completed')]);
  expect(streams.err()).toBe(
    'No gateway answers at x (ECONNREFUSED). Retrying.\n503 no worker answers. Retrying.\n',
  );
  expect(streams.out().trim().split('\n')).toHaveLength(2);
});

it('A watch continues while Temporal itself pauses the run', async () => {
  const streams = fakePipes();
  const paused = new GatewayError(409, 'Conflict: Temporal itself paused this run.');
  expect(await watch(streams, sending(100), [paused, ended('completed')])).toBeUndefined();
  expect(streams.err()).toBe('409 Conflict: Temporal itself paused this run. Retrying.\n');
});

it('A watch names the failure that keeps the export waiting once, and not at each attempt', async () => {
  const streams = fakePipes();
  const failing = (attempt: number) =>
    sending(100, {
      pending: [
        {
          activity: 'relabelChunk',
          activityId: '4',
          attempt,
          state: 'running',
          lastFailure: 'The service answers 503.',
        },
      ],
    });
  await watch(streams, sending(100), [failing(2), failing(3), ended('completed')]);
  expect(
    streams
      .out()
      .replaceAll(/^\S+Z /gm, '')
      .split('\n'),
  ).toEqual([
    `sending, 100 of 1,200 labels of revision ${revision}`,
    `sending, 100 of 1,200 labels of revision ${revision}; relabelChunk fails: The service answers 503`,
    `completed, 1,200 of 1,200 labels of revision ${revision}`,
    '',
  ]);
});

it('A watch ends with the gateway’s refusal', async () => {
  expect(await watch(fakePipes(), sending(100), [new GatewayError(401, 'the token is not one.')])).toBe(
    '401 the token is not one.',
  );
});

it('A watch continues with the next request of the queue, and reports the outcome of the last', async () => {
  const streams = fakePipes();
  const next = sending(0, { revision: 'ffffffffffff' });
  const failure = await watch(streams, sending(100), [next, ended('rejected', { revision: 'ffffffffffff' })]);
  expect(failure).toBe('The export ended as rejected.');
  expect(streams.out()).toContain('sending, 0 of 1,200 labels of revision ffffffffffff');
});

it('A watch waits for a request in the inbox, unless it is on hold', async () => {
  const streams = fakePipes();
  const waiting = ended('completed', { inbox: [anInboxRow()] });
  const held = ended('rejected', { inbox: [{ ...anInboxRow(), held: 'It was terminated.' }] });
  expect(await watch(streams, waiting, [waiting, sending(5), held])).toBe('The export ended as rejected.');
});

it('A watch reports a workflow that ended without a report', async () => {
  expect(await watch(fakePipes(), sending(100, { isOpen: false }), [])).toBe(
    'The workflow ended without a report.',
  );
});

it('A watch on a terminal rewrites one line, and keeps a line for each stage above it', async () => {
  const streams = fakeTerminal({ columns: 50 });
  await watch(streams, sending(100), [sending(600), sending(900), ended('completed')]);
  const kept = finalLines(streams.out());
  expect(kept).toEqual([
    `sending, 100 of 1,200 labels of revision ${revision}`,
    `completed, 1,200 of 1,200 labels of revision ${revision}`,
    'completed  [####################]  1,200 of 1,200',
    '',
  ]);
  expect(streams.out()).toContain('sending  [##########..........]  600 of 1,200 lab');
});

it('A watch with --json writes a JSON value at each change', async () => {
  const streams = fakePipes();
  await watch(streams, sending(100), [sending(100), sending(200), ended('completed')], true);
  const values = streams
    .out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportDetail);
  expect(values).toEqual([sending(100), sending(200), ended('completed')]);
});

/** The final lines on a terminal: a rewritten line shows what was written last. */
function finalLines(text: string): string[] {
  // eslint-disable-next-line no-control-regex -- the two sequences that Node's readline writes
  return text.split('\n').map((line) => line.split(/\x1B\[1G\x1B\[2K/).at(-1) ?? '');
}
