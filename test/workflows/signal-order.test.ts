import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ExportRequest } from '../../src/domain/request';
import type { Progress } from '../../src/workflows/messages';
import { carriedQuestion } from '../support/carried-question';
import { aGate } from '../support/gate';
import { aRequest } from '../support/requests';
import { startTemporal } from '../support/harness/temporal';
import { until } from '../support/until';
import { type Harness, withHarness, withLateWorker } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env.teardown());

const names = ['pause', 'resume', 'approve', 'reject'] as const;
type Sequence = readonly (typeof names)[number][];

/**
 * Three different signals in every order, and repeats that a count of the signals, or a set of them, would
 * get wrong. Other sequences are one of these with a repeat that follows itself.
 */
const sequences: readonly Sequence[] = [
  ...names.flatMap((first) =>
    names.flatMap((second) =>
      names.flatMap((third) =>
        new Set([first, second, third]).size === 3 ? [[first, second, third] as const] : [],
      ),
    ),
  ),
  ['pause', 'resume', 'pause'],
  ['resume', 'pause', 'resume'],
  ['pause', 'pause', 'resume'],
  ['approve', 'reject', 'approve'],
  ['reject', 'approve', 'reject'],
  ['approve', 'approve', 'reject'],
];

/**
 * How an export ends after a sequence. The first decision counts.
 * @param isAsked true if the question is open when the signals arrive. Otherwise decisions are kept for it, and
 *   while the export is paused a kept rejection also stops what a kept approval has not sent yet.
 */
function expectedEnd(sequence: Sequence, isAsked: boolean): string {
  const decisions = sequence.filter((name) => name === 'approve' || name === 'reject');
  const isPaused = sequence.findLast((name) => name === 'pause' || name === 'resume') === 'pause';
  const isRejected = isPaused && !isAsked ? decisions.includes('reject') : decisions[0] === 'reject';
  if (isRejected) return 'rejected';
  const isApproved = decisions.length > 0;
  if (isPaused) return isApproved ? 'paused, approved' : 'paused, asked';
  return isApproved ? 'completed' : 'awaiting-approval, asked';
}

function describeEnd({ stage, outcome, approval }: Progress): string {
  if (outcome !== undefined) return outcome;
  return `${stage}, ${approval.upTo > 0 ? 'approved' : 'asked'}`;
}

/** Waits for the end that a sequence must have, and returns the end that it has. */
async function endOf(workflowId: string, expected: string): Promise<string> {
  const handle = env.client.workflow.getHandle(workflowId);
  let seen = '';
  await until(
    expected,
    async () => {
      const progress = await handle.query<Progress>('progress');
      seen = describeEnd(progress);
      const isSettled = seen === expected || progress.outcome !== undefined;
      return isSettled;
    },
    15_000,
  ).catch(() => undefined);
  return seen;
}

async function sendAll(workflowId: string, { revision }: ExportRequest, sequence: Sequence): Promise<void> {
  const handle = env.client.workflow.getHandle(workflowId);
  for (const name of sequence) {
    const isDecision = name === 'approve' || name === 'reject';
    await (isDecision ? handle.signal(name, { revision }) : handle.signal(name));
  }
}

/** Runs a few sequences at a time: the server is slower with all of them at once. */
async function forEachSequence<T>(work: (sequence: Sequence) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < sequences.length; from += 8)
    results.push(...(await Promise.all(sequences.slice(from, from + 8).map(work))));
  return results;
}

const withEnd = (sequence: Sequence, end: string) => `${sequence.join(' ')}: ${end}`;
const expectedEnds = (isAsked: boolean) =>
  sequences.map((sequence) => withEnd(sequence, expectedEnd(sequence, isAsked)));

/** The run of a live worker that hears the signals one by one while it makes the plan. */
async function hearLive({ activities, request, workflowId }: Harness, sequence: Sequence): Promise<string> {
  const planning = aGate();
  activities.labels = 1001;
  activities.onPrepare = () => planning.opened.then(() => undefined);
  const requested = aRequest();
  const { signaledRunId } = await request(requested);
  await until('the plan', () => activities.prepared.length === 1);
  await sendAll(workflowId, requested, sequence);
  await env.client.workflow.getHandle(workflowId).query('progress');
  planning.open();
  return signaledRunId;
}

/** Resets a run to the first workflow task: the server puts its signals before that task. */
async function resetToFirstTask(workflowId: string, runId: string): Promise<void> {
  const { events } = await env.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const completed = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  await env.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'test',
    requestId: randomUUID(),
    workflowTaskFinishEventId: completed?.eventId ?? null,
  });
}

it('Three signals in any order end alike with a live worker and after a reset to the first task', async () => {
  const ends = await forEachSequence(async (sequence) => {
    let live = '';
    let reset = '';
    await withHarness(env, async (harness) => {
      const { workflowId } = harness;
      const expected = expectedEnd(sequence, false);
      const runId = await hearLive(harness, sequence);
      live = await endOf(workflowId, expected);
      await resetToFirstTask(workflowId, runId);
      reset = await endOf(workflowId, expected);
      await env.client.workflow
        .getHandle(workflowId)
        .terminate()
        .catch(() => undefined);
    });
    return { live: withEnd(sequence, live), reset: withEnd(sequence, reset) };
  });
  expect(ends.map(({ live }) => live)).toEqual(expectedEnds(false));
  expect(ends.map(({ reset }) => reset)).toEqual(expectedEnds(false));
}, 120_000);

it.each([
  ['before the first task', false],
  ['before the first task of a continued run', true],
])(
  'Three signals %s are heard in the order in which they were sent',
  async (_when, isAsked) => {
    const ids = new Map<Sequence, string>();
    const ends: string[] = [];
    await withLateWorker(
      env,
      async (newHarness) => {
        await forEachSequence(async (sequence) => {
          const { activities, request, workflowId } = newHarness();
          const requested = aRequest();
          ids.set(sequence, workflowId);
          activities.labels = 1001;
          if (isAsked)
            await env.client.workflow.start('ExportIssue', {
              workflowId,
              taskQueue: activities.taskQueue,
              args: [{ issueId: requested.issueId, carried: carriedQuestion(activities, requested) }],
            });
          else await request(requested);
          await sendAll(workflowId, requested, sequence);
        });
      },
      async () => {
        ends.push(
          ...(await forEachSequence(async (sequence) =>
            withEnd(sequence, await endOf(ids.get(sequence) ?? '', expectedEnd(sequence, isAsked))),
          )),
        );
        for (const id of ids.values())
          await env.client.workflow
            .getHandle(id)
            .terminate()
            .catch(() => undefined);
      },
    );
    expect(ends).toEqual(expectedEnds(isAsked));
  },
  120_000,
);

it('A signal named like a property of every object is unknown', () =>
  withHarness(env, async ({ requestApproval, progress }) => {
    const handle = await requestApproval();
    await handle.signal('toString');
    await handle.signal('constructor');
    expect((await progress()).log.map(({ text }) => text)).toEqual(
      ['toString', 'constructor'].map(
        (name) => `Signal ${name} is unknown; expected one of approve, reject, pause, resume.`,
      ),
    );
    await handle.terminate();
  }));
