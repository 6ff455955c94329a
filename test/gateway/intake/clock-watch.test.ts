import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { clock } from '../../../src/clock/clock';
import { watchClock } from '../../../src/gateway/intake/clock-watch';
import { readClockLead } from '../../../src/temporal/read-clock';
import { startTemporal } from '../../support/harness/temporal';
import { until } from '../../support/until';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await startTemporal();
});

afterAll(async () => {
  await env?.teardown();
});

const shifted = (byMs: number) => () => Date.now() + byMs;

it.each([0, 15 * 60_000, -20_000])('A clock that is %d ms ahead of Temporal’s is measured', async (byMs) => {
  const lead = await readClockLead(env.client, 5000, shifted(byMs));
  expect(lead.min).toBeLessThanOrEqual(byMs);
  expect(lead.max).toBeGreaterThanOrEqual(byMs);
});

it('A measurement that Temporal does not answer in time asks no more', async () => {
  let looks = 0;
  const never = new Promise<never>(() => undefined);
  const look = () => Promise.resolve({ pollers: [], looks: (looks += 1) });
  const connection = {
    withDeadline: (_: number, call: () => unknown) => call(),
    withAbortSignal: (_: AbortSignal, call: () => unknown) => call(),
  };
  const workflowService = { pollActivityTaskQueue: () => never, describeTaskQueue: look };
  const client = { connection, workflowService, options: { namespace: 'default' } } as unknown as Client;
  await expect(readClockLead(client, 1)).rejects.toThrow('Temporal did not answer');
  await clock.turn(); // the wait between two looks has ended
  const looksWhenLate = looks;
  for (let turn = 0; turn < 20; turn += 1) await clock.turn();
  expect(looks).toBe(looksWhenLate);
});

it.each([
  ['15 minutes ahead of', 15 * 60_000 + 4000],
  ['3 hours behind', -3 * 3_600_000 - 4000],
])('The log names a gateway whose clock runs %s Temporal’s, once', async (difference, byMs) => {
  const lines = await logged(shifted(byMs), 1);
  expect(lines).toEqual([
    {
      level: 'warn',
      msg: `The clock of this gateway runs ${difference} Temporal’s. The times of its requests are wrong by as much; set the clock with NTP.`,
    },
  ]);
});

/** What a gateway with the clock `now` logs until it has logged `count` lines. */
async function logged(now: () => number, count: number): Promise<{ level: string; msg: string }[]> {
  const lines: { level: string; msg: string }[] = [];
  const logger = pino(
    { formatters: { level: (level) => ({ level }) } },
    {
      write: (line: string) => {
        const { level, msg } = JSON.parse(line) as { level: string; msg: string };
        lines.push({ level, msg });
      },
    },
  );
  const stop = new AbortController();
  const watching = watchClock({ client: env.client, logger, signal: stop.signal, now });
  await until('the log', () => lines.length >= count);
  stop.abort();
  await watching;
  return lines;
}
