import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ChunkResult, RelabelChunkInput } from '../../src/activities/contracts';
import { noOutcomes } from '../../src/domain/label-outcome';
import type { Progress } from '../../src/workflows/messages';
import { aRequest } from '../support/requests';
import { done, type ScriptedActivities } from '../support/harness/scripted-activities';
import { startTemporal } from '../support/harness/temporal';
import { type Harness, withHarness } from '../support/harness/workflow-harness';

let env: TestWorkflowEnvironment;
beforeAll(async () => {
  env = await startTemporal();
});
afterAll(() => env.teardown());

/** A labeling service behind scripted activities: it fails calls with certain labels, or all calls. */
class FailingService {
  /** Calls of mutations, each retry by the activity included. */
  calls = 0;
  /** Positions of the labels that make a call fail. */
  poison: ReadonlySet<number> = new Set();
  failsAll = false;
  answersCheck = true;
  readonly relabeled = new Set<number>();
  readonly givenUp = new Map<number, string>();

  /** Answers as `relabelChunk` does. */
  readonly answer = (input: RelabelChunkInput): ChunkResult => {
    const { from, to, answerAfter = 3, failedBefore, giveUpBecause } = input;
    const positions = Array.from({ length: to - from }, (_, at) => from + at);
    if (giveUpBecause !== undefined) {
      for (const position of positions) this.givenUp.set(position, giveUpBecause);
      return { kind: 'done', upTo: to, ...noOutcomes, unconfirmed: to - from };
    }
    if (this.failsAll || positions.some((position) => this.poison.has(position))) {
      this.calls += answerAfter;
      return {
        kind: 'keeps-failing',
        because: 'The labeling service failed (HTTP 500).',
        failures: (failedBefore?.failures ?? 0) + answerAfter,
        waitMs: 1000,
        service: this.answersCheck ? 'well' : 'down',
        labelReason: 'It answers 500 whenever this label is sent.',
      };
    }
    this.calls += 1;
    for (const position of positions) this.relabeled.add(position);
    return done(input);
  };
}

interface Size {
  readonly labels: number;
  readonly chunkLabels: number;
  readonly inFlight?: number;
}

function sends(
  { labels, chunkLabels, inFlight = 8 }: Size,
  run: (service: FailingService, activities: ScriptedActivities, harness: Harness) => Promise<void>,
): Promise<void> {
  return withHarness(env, async (harness) => {
    const service = new FailingService();
    const { activities } = harness;
    Object.assign(activities, { labels, plan: { chunkLabels, inFlight }, onChunk: service.answer });
    await run(service, activities, harness);
  });
}

const eight: Size = { labels: 8, chunkLabels: 8 };
const first = [0];
const middle = [4];
const last = [7];

describe('A label that makes the service fail', () => {
  it.each<[string, Size, readonly number[]]>([
    ['the first of one call', eight, first],
    ['a middle one of one call', eight, middle],
    ['the last of one call', eight, last],
    ['the first, with a call for each label', { labels: 8, chunkLabels: 1 }, first],
    ['a middle one, with a call for each label', { labels: 8, chunkLabels: 1 }, middle],
    ['two of eight, with a call for each label', { labels: 8, chunkLabels: 1 }, [2, 5]],
    ['the first of many calls', { labels: 250, chunkLabels: 50 }, first],
    ['in the last of many calls', { labels: 250, chunkLabels: 50 }, [249]],
    ['in the middle of many calls, one at a time', { labels: 250, chunkLabels: 50, inFlight: 1 }, [120]],
    ['in the last of many calls, one at a time', { labels: 250, chunkLabels: 50, inFlight: 1 }, [249]],
    ['one of two', { labels: 2, chunkLabels: 2 }, first],
    ['two in one half', eight, [1, 2]],
    ['two in the last half, side by side', eight, [6, 7]],
    ['two in different halves', eight, [0, 7]],
    ['two in the middle', eight, [3, 4]],
    ['two in different calls', { labels: 250, chunkLabels: 50 }, [10, 240]],
    ['one in each call in flight', { labels: 90, chunkLabels: 10 }, [5, 15, 25, 35, 45, 55, 65, 75]],
  ])('is isolated when it is %s', (_where, size, poison) =>
    sends(size, async (service, activities, { request, progress }) => {
      service.poison = new Set(poison);
      await (await request(aRequest())).result();
      expect([...service.givenUp.keys()].sort((a, b) => a - b)).toEqual(poison);
      expect(service.relabeled.size).toBe(size.labels - poison.length);
      expect((await progress()).labels).toMatchObject({
        relabeled: size.labels - poison.length,
        unconfirmed: poison.length,
      });
      expect(activities.endings).toEqual([expect.stringMatching(/ completed$/)]);
    }),
  );

  it.each<[string, Size]>([
    ['the only label', { labels: 1, chunkLabels: 10 }],
    ['the last label, after all others', { labels: 8, chunkLabels: 1, inFlight: 1 }],
  ])('pauses the export when it is %s, because nothing shows that the service works', (_where, size) =>
    sends(size, async (service, _activities, { request, untilStage }) => {
      service.poison = new Set([size.labels - 1]);
      await request(aRequest());
      expect(await untilStage('paused')).toMatchObject({
        pausedBy: 'service',
        pausedBecause:
          'No call succeeds, although the labeling service answers a check. The labeling service failed (HTTP 500).',
      });
      expect(service.givenUp.size).toBe(0);
    }),
  );
});

describe('A service that fails every call', () => {
  it.each<[string, Size]>([
    ['one call', eight],
    ['many calls', { labels: 250, chunkLabels: 50 }],
    ['a call for each label', { labels: 8, chunkLabels: 1 }],
  ])('pauses the export after at most eight calls when it answers a check, with %s', (_size, size) =>
    sends(size, async (service, activities, { request, untilStage }) => {
      service.failsAll = true;
      const handle = await request(aRequest());
      await untilStage('paused');
      expect(service.calls).toBeLessThanOrEqual(8);
      service.failsAll = false;
      const { length } = activities.chunks;
      await handle.signal('resume');
      await handle.result();
      expect(activities.chunks[length]).toMatchObject({
        from: 0,
        to: Math.min(size.chunkLabels, size.labels),
      });
      expect(service.relabeled.size).toBe(size.labels);
      expect(service.givenUp.size).toBe(0);
    }),
  );

  it('is tried again without halving while it does not answer a check', () =>
    sends({ labels: 250, chunkLabels: 50 }, async (service, activities, { request }) => {
      Object.assign(service, { failsAll: true, answersCheck: false });
      activities.onChunk = (input) => {
        if (activities.chunks.length === 5) service.failsAll = false;
        return service.answer(input);
      };
      await (await request(aRequest())).result();
      expect(activities.chunks.slice(0, 5).map(({ from, to }) => [from, to])).toEqual(
        Array.from({ length: 5 }, () => [0, 50]),
      );
      expect(activities.chunks.slice(0, 5).map(({ failedBefore }) => failedBefore?.failures)).toEqual([
        undefined,
        3,
        6,
        9,
        12,
      ]);
      expect(service.relabeled.size).toBe(250);
    }));

  it('isolates nothing when it fails in the middle of an export and does not answer a check', () =>
    sends({ labels: 500, chunkLabels: 10 }, async (service, activities, { request }) => {
      activities.onChunk = (input) => {
        const calls = activities.chunks.length;
        Object.assign(service, { failsAll: calls > 20 && calls < 60, answersCheck: calls >= 60 });
        return service.answer(input);
      };
      await (await request(aRequest())).result();
      expect(service.givenUp.size).toBe(0);
      expect(service.relabeled.size).toBe(500);
    }));

  it('isolates nothing when it fails in the middle of an export and answers a check: the export pauses', () =>
    sends({ labels: 500, chunkLabels: 10 }, async (service, activities, { request, untilStage }) => {
      activities.onChunk = (input) => {
        service.failsAll = activities.chunks.length > 20;
        return service.answer(input);
      };
      const handle = await request(aRequest());
      await untilStage('paused');
      expect(service.givenUp.size).toBe(0);
      activities.onChunk = (input) => {
        service.failsAll = false;
        return service.answer(input);
      };
      await handle.signal('resume');
      await handle.result();
      expect(service.relabeled.size).toBe(500);
    }));

  it('isolates nothing when it fails in the middle of a search', () =>
    sends(eight, async (service, activities, { request }) => {
      service.poison = new Set([6]);
      activities.onChunk = (input) => {
        service.failsAll = service.relabeled.size > 0;
        service.answersCheck = !service.failsAll;
        if (activities.chunks.length >= 12) Object.assign(service, { failsAll: false, answersCheck: true });
        return service.answer(input);
      };
      const handle = await request(aRequest());
      await handle.result();
      expect([...service.givenUp.keys()]).toEqual([6]);
      expect(service.relabeled.size).toBe(7);
    }));
});

it('A pause during a search joins the parts, and a resume tries the whole range', () =>
  sends(eight, async (service, activities, { request, untilStage, workflowId }) => {
    service.failsAll = true;
    activities.onChunk = async (input) => {
      if (input.to - input.from === 4 && input.from === 4)
        await env.client.workflow.getHandle(workflowId).signal('pause', { by: 'ann' });
      return service.answer(input);
    };
    const handle = await request(aRequest());
    expect(await untilStage('paused')).toMatchObject({ pausedBy: 'person' });
    service.failsAll = false;
    activities.onChunk = service.answer;
    await handle.signal('resume');
    await handle.result();
    expect(service.relabeled.size).toBe(8);
    expect(service.givenUp.size).toBe(0);
  }));

it('A cancel during a search ends the export, and nothing is given up', () =>
  sends(eight, async (service, activities, { request, workflowId }) => {
    service.failsAll = true;
    activities.onChunk = async (input) => {
      if (input.to - input.from === 4) await env.client.workflow.getHandle(workflowId).cancel();
      return service.answer(input);
    };
    const handle = await request(aRequest());
    await handle.result().catch(() => undefined);
    expect(activities.reports).toMatchObject([{ outcome: 'cancelled' }]);
    expect(service.givenUp.size).toBe(0);
  }));

describe('An export without an answer for ten minutes', () => {
  const because = 'The labeling service could not be reached.';

  it('is stuck: progress says why, and receivers are notified once, until a call is answered', () =>
    sends(eight, async (service, activities, { request, progress, workflowId }) => {
      activities.plan = { ...activities.plan, notices: [{ name: 'team', events: ['export.stuck'] }] };
      const stuck: unknown[] = [];
      activities.onChunk = async (input) => {
        if (activities.chunks.length > 1) stuck.push((await progress()).stuck);
        if (activities.chunks.length <= 2)
          return { kind: 'still-failing', because, failures: 20 * activities.chunks.length, waitMs: 30_000 };
        return service.answer(input);
      };
      const handle = await request(aRequest());
      await handle.result();
      const since = expect.stringMatching(/^\d{4}-/) as string;
      expect(stuck).toEqual([
        { since, because, failures: 20 },
        { since, because, failures: 40 },
      ]);
      expect(activities.chunks.map(({ failedBefore }) => failedBefore)).toEqual([
        undefined,
        { because, failures: 20, waitMs: 30_000 },
        { because, failures: 40, waitMs: 30_000 },
      ]);
      expect(activities.notices).toMatchObject([{ event: 'export.stuck', stage: 'sending', because }]);
      const ended = await env.client.workflow.getHandle(workflowId).query<Progress>('progress');
      expect(ended.stuck).toBeUndefined();
      expect(ended.log.map(({ text }) => text)).toContain(
        `Stuck: no call has been answered for ten minutes. ${because} Requeue tries again.`,
      );
    }));

  it('can be paused: it is then paused, no longer stuck, and a resume calls at once', () =>
    sends(eight, async (service, activities, { request, untilStage, workflowId }) => {
      activities.onChunk = async () => {
        await env.client.workflow.getHandle(workflowId).signal('pause', { by: 'ann' });
        return { kind: 'still-failing', because, failures: 20, waitMs: 30_000 };
      };
      const handle = await request(aRequest());
      expect((await untilStage('paused')).stuck).toBeUndefined();
      activities.onChunk = service.answer;
      await handle.signal('resume');
      await handle.result();
      expect(activities.chunks[1]).not.toHaveProperty('failedBefore');
    }));
});
