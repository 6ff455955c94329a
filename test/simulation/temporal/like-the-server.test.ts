import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/activity';
import { carriedQuestion } from '../../support/carried-question';
import { aGate } from '../../support/gate';
import { refusedKey, retryable } from '../../support/harness/scripted-activities';
import { startTemporal, workflowBundle } from '../../support/harness/temporal';
import { aRequest } from '../../support/requests';
import { describeError, type Play, playOnServer, playOnStandIn, type Stage } from './stages';
import { createSandbox, type Sandbox } from './workflow-host';

let env: TestWorkflowEnvironment;
let sandbox: Sandbox;

beforeAll(async () => {
  env = await startTemporal({ settings: ['frontend.WorkflowPauseEnabled=true'] });
  sandbox = await createSandbox(workflowBundle().codePath);
});
afterAll(async () => {
  await sandbox.destroy();
  await env.teardown();
});

const request = aRequest({ requestId: 'request-1', receivedAt: '2026-11-24T00:00:00.000Z' });
const { revision } = request;

const next = aRequest({ requestId: 'request-2', body: 'next', receivedAt: '2026-11-24T00:00:01.000Z' });

const nothing = async () => undefined;

async function ask(stage: Stage): Promise<void> {
  stage.activities.labels = 1001;
  stage.activities.plan = { inFlight: 1 };
  await stage.request(request);
  await stage.untilStage('awaiting-approval');
}

async function logOf(stage: Stage): Promise<string[]> {
  return (await stage.progress()).log.map(({ text }) => text);
}

/** A continued run with an open question. */
async function beginWithQuestion(stage: Stage, ms = 3_600_000): Promise<void> {
  const now = stage.now();
  await stage.request(request, carriedQuestion(stage.activities, request, now + ms, now));
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'accepted', describeError);
}

const untilClosed = (stage: Stage): Promise<void> =>
  stage.until('an end', async () => (await stage.status()).isClosed);

const untilDone = async (stage: Stage, status = 'COMPLETED'): Promise<string[]> => {
  await stage.untilStatus(status);
  return logOf(stage);
};

const plays: Readonly<Record<string, Play>> = {
  'signals from before the first task are heard in the order in which they were sent': {
    before: async (stage) => {
      stage.activities.labels = 1001;
      await stage.request(request);
      for (const name of ['reject', 'pause', 'approve', 'unknown']) await stage.signal(name, { revision });
      await stage.signal('resume');
    },
    after: untilDone,
  },
  'signals from before the first task of a continued run are heard in the order in which they were sent': {
    before: async (stage) => {
      await beginWithQuestion(stage);
      for (const name of ['pause', 'approve', 'reject']) await stage.signal(name, { revision });
      await stage.signal('resume');
    },
    after: untilDone,
  },
  'signals are heard in the order in which they were sent after a reset to the first task': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      await stage.signal('pause');
      await stage.signal('reject', { revision: '0123456789ab' });
      await stage.signal('resume');
      await stage.signal('pause', { by: 'ann' });
      await stage.untilStage('paused');
      await stage.resetToFirstTask();
      await stage.untilStage('paused');
      await stage.signal('approve', { revision });
      await stage.signal('resume');
      return untilDone(stage);
    },
  },
  'a reset to the first task forgets a cancellation': {
    before: nothing,
    after: async (stage) => {
      const reporting = aGate();
      await ask(stage);
      stage.activities.onReport = () => reporting.opened;
      await stage.cancel();
      await stage.until('the report', () => stage.activities.reports.length === 1);
      await stage.resetToFirstTask();
      reporting.open();
      await stage.until(
        'a question',
        async () => (await stage.status()).isClosed || (await stage.progress()).stage === 'awaiting-approval',
      );
      return logOf(stage);
    },
  },
  'a reset to the first task gives a run its updates again': {
    before: nothing,
    after: async (stage) => {
      const calling = aGate();
      stage.activities.onChunk = () => calling.opened.then(() => undefined);
      await ask(stage);
      const answer = await stage.decide({ decision: 'approve', revision, by: 'ann' });
      const said = [await answer()];
      await stage.until('the call', () => stage.activities.chunks.length === 1);
      await stage.resetToFirstTask();
      stage.activities.labels = 1002; // the approval was about the same revision
      calling.open();
      await stage.until(
        'an end or a question',
        async () => (await stage.status()).isClosed || (await stage.progress()).stage === 'awaiting-approval',
      );
      return [...said, ...(await logOf(stage))];
    },
  },
  'an approval counts that is in one task with the end of its question': {
    before: async (stage) => beginWithQuestion(stage, 3000),
    after: async (stage) => {
      await stage.untilStage('awaiting-approval');
      const { approval } = await stage.progress();
      await stage.withoutWorker(async () => {
        await stage.untilTime(Date.parse(approval.expiresAt ?? '') + 2000);
        await stage.signal('approve', { revision });
      });
      return untilDone(stage);
    },
  },
  'a question without a signal expires while no worker runs': {
    before: async (stage) => beginWithQuestion(stage, 3000),
    after: async (stage) => {
      await stage.untilStage('awaiting-approval');
      const { approval } = await stage.progress();
      await stage.withoutWorker(() => stage.untilTime(Date.parse(approval.expiresAt ?? '') + 2000));
      return untilDone(stage);
    },
  },
  'an export that is cancelled before its first task plans nothing': {
    before: async (stage) => {
      await stage.request(request);
      await stage.cancel();
    },
    after: (stage) => untilDone(stage, 'CANCELLED'),
  },
  'cancel and approve in one first task': {
    before: async (stage) => {
      await beginWithQuestion(stage);
      await stage.signal('approve', { revision });
      await stage.cancel();
    },
    after: (stage) => untilDone(stage, 'CANCELLED'),
  },
  'cancel and approve in one task of a run that waits': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      await stage.withoutWorker(async () => {
        await stage.cancel();
        await stage.signal('approve', { revision });
      });
      await untilClosed(stage);
      return logOf(stage);
    },
  },
  'approve and cancel in one task of a run that waits': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      await stage.withoutWorker(async () => {
        await stage.signal('approve', { revision });
        await stage.cancel();
      });
      await untilClosed(stage);
      return logOf(stage);
    },
  },
  'an update from before a signal runs after it': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      let answer: () => Promise<string> = () => Promise.resolve('');
      await stage.withoutWorker(async () => {
        answer = await stage.decide({ decision: 'approve', revision, by: 'ann' });
        await stage.signal('reject', { revision });
      });
      return [await answer(), ...(await untilDone(stage))];
    },
  },
  'an update in the first task of a run runs after a later signal': {
    before: async (stage) => {
      await beginWithQuestion(stage);
      const answer = await stage.decide({ decision: 'approve', revision, by: 'ann' });
      answers.set(stage.activities, answer);
      await stage.signal('reject', { revision });
    },
    after: async (stage) => [await answers.get(stage.activities)?.(), ...(await untilDone(stage))],
  },
  'an update that its validator refuses changes nothing': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      const answer = await stage.decide({ decision: 'approve', revision: 'wrong', by: 'ann' });
      const said = [await answer(), ...(await logOf(stage))];
      await stage.withoutWorker(nothing); // the run is replayed
      await stage.signal('approve', { revision });
      return [...said, ...(await untilDone(stage))];
    },
  },
  'an update with a proof is answered once the proof was read': {
    before: nothing,
    after: async (stage) => {
      stage.activities.records.add('0a');
      stage.activities.recordedAt = stage.now();
      await ask(stage);
      const first = await stage.decide({ decision: 'approve', revision, by: 'ann', record: '0a' });
      const said = await first();
      return [said, ...(await untilDone(stage))];
    },
  },
  'an update of a run that has closed is refused': {
    before: nothing,
    after: async (stage) => {
      stage.activities.labels = 3;
      await stage.request(request);
      await stage.untilStatus('COMPLETED');
      const answer = await stage.decide({ decision: 'approve', revision, by: 'ann' });
      return [
        await answer(),
        await refusal(stage.signal('approve', { revision })),
        await refusal(stage.cancel()),
      ];
    },
  },
  'a paused run takes signals and a cancellation, and no queries and updates': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      stage.activities.labels = 3;
      await stage.pauseInTemporal();
      const said: unknown[] = [await stage.status()];
      said.push(await refusal(stage.progress()));
      const answer = await stage.decide({ decision: 'approve', revision, by: 'ann' });
      said.push(await answer());
      said.push(await refusal(stage.signal('approve', { revision: '0123456789ab' })));
      said.push(await refusal(stage.request(next)));
      said.push(await refusal(stage.cancel()), await stage.status());
      await stage.unpauseInTemporal();
      await stage.until('both ends', () => stage.activities.endings.length === 2);
      await untilClosed(stage);
      return [...said, ...(await logOf(stage))];
    },
  },
  'an activity is tried again until it succeeds': {
    before: nothing,
    after: async (stage) => {
      let attempts = 0;
      stage.activities.onPrepare = () => {
        attempts += 1;
        if (attempts < 3) throw retryable(`Attempt ${attempts} failed.`);
        return undefined;
      };
      await stage.request(request);
      return untilDone(stage);
    },
  },
  'an activity that must not be tried again fails at once': {
    before: nothing,
    after: async (stage) => {
      stage.activities.onPrepare = () => {
        throw ApplicationFailure.nonRetryable('The delivery is damaged.', 'Damaged');
      };
      await stage.request(request);
      await untilClosed(stage);
      return logOf(stage);
    },
  },
  'a call that must not be tried again pauses the export': {
    before: nothing,
    after: async (stage) => {
      stage.activities.labels = 3;
      let isRefused = true;
      stage.activities.onChunk = () => {
        if (isRefused) throw ApplicationFailure.nonRetryable('The call cannot be made.', 'Damaged');
        return undefined;
      };
      await stage.request(request);
      await stage.until(
        'an end',
        async () => (await stage.status()).isClosed || (await stage.progress()).stage === 'paused',
      );
      const said = await logOf(stage);
      isRefused = false;
      if (!(await stage.status()).isClosed) await stage.signal('resume');
      return [...said, ...(await untilDone(stage))];
    },
  },
  'a cancelled run waits for the call that has begun': {
    before: nothing,
    after: async (stage) => {
      stage.activities.labels = 250;
      stage.activities.plan = { inFlight: 1 };
      const calling = aGate();
      stage.activities.onChunk = async () => {
        await calling.opened;
        return undefined;
      };
      await stage.request(request);
      await stage.until('the call', () => stage.activities.chunks.length === 1);
      await stage.cancel();
      const said = [(await stage.progress()).stage];
      calling.open();
      return [...said, ...(await untilDone(stage, 'CANCELLED'))];
    },
  },
  'a cancelled run does not wait for an activity that waits for its next attempt': {
    before: nothing,
    after: async (stage) => {
      stage.activities.labels = 3;
      stage.activities.onChunk = () => {
        throw ApplicationFailure.create({ message: 'Try again later.', nextRetryDelay: '1h' });
      };
      await stage.request(request);
      await stage.until('the call', () => stage.activities.chunks.length === 1);
      await stage.until('the attempt to end', async () => {
        await stage.progress();
        return true;
      });
      await stage.cancel();
      return untilDone(stage, 'CANCELLED');
    },
  },
  'a queue behind a cancelled export continues in a new run': {
    before: nothing,
    after: async (stage) => {
      await ask(stage);
      stage.activities.labels = 3;
      await stage.request({ ...next, project: 'another' });
      await stage.until('the queue', async () => (await stage.progress()).queued === 1);
      await stage.cancel();
      await stage.until('both ends', () => stage.activities.endings.length === 2);
      return untilDone(stage);
    },
  },
  'a service that refuses the key pauses the export until it is resumed': {
    before: nothing,
    after: async (stage) => {
      let isRefused = true;
      stage.activities.onChunk = () => (isRefused ? refusedKey : undefined);
      await stage.request(request);
      await stage.untilStage('paused');
      isRefused = false;
      await stage.signal('resume', { by: 'ann' });
      return untilDone(stage);
    },
  },
};

const answers = new WeakMap<object, () => Promise<string>>();

it.each(Object.entries(plays))('On both servers, %s', async (_title, play) => {
  const real = await playOnServer(env, play);
  expect(await playOnStandIn(sandbox, play)).toEqual(real);
});
