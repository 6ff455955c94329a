import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { startTemporal } from '../../support/harness/temporal';
import { startTemporalProxy, type TemporalProxy } from '../../support/harness/temporal-proxy';
import { putReport } from '../../support/put-report';
import { until } from '../../support/until';
import { tempFolder } from '../../payloads/temp-folder';
import { listDroppedRequests } from '../../../src/payloads/dropped-requests';
import { removeInboxEntry } from '../../../src/payloads/inbox-entry';
import { connectClient } from '../../../src/temporal/connection';
import { inboxKey } from '../../../src/payloads/keys';
import { earlierWorkflowId, exportWorkflowId } from '../../../src/temporal/names';
import {
  createDispatcherHarness,
  breakEntry,
  endRun,
  shortTimes,
  signalledTo,
  type DispatcherHarness,
} from './dispatcher-harness';

const parent = tempFolder();
const unusedAddress = '127.0.0.1:1';
let env: TestWorkflowEnvironment;
let client: Client;
let proxy: TemporalProxy;
let harness: DispatcherHarness;
let issues = 0;
/** A separate issue id for each test, since they share a server. */
let issueId: string;

beforeAll(async () => {
  env = await startTemporal();
  client = env.client;
});
afterAll(() => env.teardown());

beforeEach(async () => {
  proxy = await startTemporalProxy(env.address);
  harness = createDispatcherHarness(parent);
  issueId = `issue ${(issues += 1)}`;
});
afterEach(async () => {
  await harness.close();
  await proxy.close();
});

const aDispatcher = (change: Partial<Parameters<DispatcherHarness['dispatcher']>[0]> = {}) =>
  harness.dispatcher({ address: proxy.address, ...change });
const listRequestIds = (requests: readonly { requestId: string }[]) =>
  requests.map(({ requestId }) => requestId);
/** The status of the newest run of the test's issue. */
const latestStatus = async () =>
  (await client.workflow.getHandle(exportWorkflowId(issueId)).describe()).status.name;
/** Calls, also those that the client retried because the server was busy. */
const signals = () => proxy.calls.filter((method) => method === 'SignalWithStartWorkflowExecution').length;

describe('A sweep', () => {
  it('The sweep skips an entry whose run is open, and follows a run that continued as new', async () => {
    const request = await harness.entry({ issueId });
    await aDispatcher().start();
    const first = await harness.untilRunId(request);
    await endRun(env, issueId, 'continue');
    await endRun(env, issueId, 'continue');
    const { runId } = await client.workflow.getHandle(exportWorkflowId(issueId)).describe();
    await until(
      'the last run of the chain in the entry',
      async () => (await harness.untilRunId(request)) === runId,
    );
    expect(runId).not.toBe(first);
    expect(await signalledTo(client, issueId)).toEqual([]);
  });

  it('The sweep dispatches an entry again when Temporal does not know its run, as in a new database', async () => {
    const request = await harness.entry({ issueId }, { runId: 'b3a4c8f0-0000-4000-8000-000000000000' });
    await aDispatcher().start();
    await until('a run', async () => (await signalledTo(client, issueId)).length === 1);
    expect((await harness.read(request))?.handOver).not.toHaveProperty('held');
  });

  it('The sweep dispatches an entry again after its run closed, and holds it after the third time', async () => {
    const request = await harness.entry({ issueId });
    await aDispatcher().start();
    for (const ending of ['fail', 'complete', 'fail'] as const) await endRun(env, issueId, ending);
    expect(await harness.held(request)).toBe(
      'Its workflow closed 3 times (FAILED) without a report. Replay the delivery, or drop it.',
    );
    expect(await latestStatus()).toBe('FAILED');
  });

  it('The sweep holds an entry when an operator terminated its run in the middle of a chain', async () => {
    const request = await harness.entry({ issueId });
    await aDispatcher().start();
    await harness.untilRunId(request);
    await endRun(env, issueId, 'continue');
    await client.workflow.getHandle(exportWorkflowId(issueId)).terminate('enough');
    expect(await harness.held(request)).toBe(
      'A person terminated its workflow. Replay the delivery, or drop it.',
    );
    await harness.close();
    const again = aDispatcher();
    await again.start();
    const other = await harness.entry({ issueId: `${issueId} other` });
    await harness.untilRunId(other);
    expect(await latestStatus()).toBe('TERMINATED');
  });

  it('An entry whose run was terminated is held when it is shown, and one whose run is open or failed is not', async () => {
    const dispatcher = aDispatcher({ times: { ...shortTimes, sweepMs: 600_000 } });
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    await harness.untilRunId(request);
    const shown = async () => {
      const entry = await harness.read(request);
      return entry && dispatcher.settle(entry);
    };
    expect((await shown())?.handOver.held).toBeUndefined();
    await client.workflow.getHandle(exportWorkflowId(issueId)).terminate('enough');
    expect((await shown())?.handOver.held).toContain('A person terminated its workflow.');
    const failed = await harness.entry({ issueId: `${issueId} failed` });
    dispatcher.dispatch(failed);
    await harness.untilRunId(failed);
    await endRun(env, failed.issueId, 'fail');
    const entry = await harness.read(failed);
    expect(entry && (await dispatcher.settle(entry))).toEqual(entry);
  });

  it('A completed export of the same revision clears a held entry, whatever the clocks say, and nothing else does', async () => {
    const held = { held: 'A sentence.' };
    const request = await harness.entry({ issueId }, held);
    const endedAt = new Date(Date.parse(request.receivedAt) - 900_000).toISOString(); // the gateway's clock was ahead
    const others = [
      await harness.entry({ issueId, body: 'another revision' }, held),
      await harness.entry({ issueId, force: true }, held),
    ];
    const report = { endedAt, outcome: 'rejected' as const };
    await putReport(harness.store, request, report);
    await aDispatcher().start();
    const after = await harness.entry({ issueId: `${issueId} other` });
    await harness.untilRunId(after);
    expect((await harness.read(request))?.handOver).toEqual(held);
    await putReport(harness.store, request, { endedAt, attempt: 2 });
    await until('the entry to be gone', async () => (await harness.read(request)) === undefined);
    for (const other of others) expect((await harness.read(other))?.handOver).toEqual(held);
    expect(await listDroppedRequests(harness.store, issueId)).toMatchObject([
      {
        request,
        held: 'A sentence.',
        reason: `Another export of the same revision completed: attempt 2, at ${endedAt}.`,
      },
    ]);
  });

  it('The dispatcher dispatches a released entry again under the same request id', async () => {
    const request = await harness.entry({ issueId }, { held: 'A sentence.' });
    const dispatcher = aDispatcher();
    await dispatcher.start();
    await harness.release(request);
    dispatcher.dispatch(request);
    await harness.untilRunId(request);
    expect(await signalledTo(client, issueId)).toEqual([request.requestId]);
  });

  it('The sweep continues past a file that is not an entry and past a run that cannot be described', async () => {
    const [torn, unseen, next] = [
      await harness.entry({ issueId }),
      await harness.entry({ issueId }),
      await harness.entry({ issueId }),
    ];
    breakEntry(harness.folder, torn);
    await harness.markDispatched(unseen, 'b3a4c8f0-0000-4000-8000-000000000000');
    proxy.fault = (method) =>
      method === 'DescribeWorkflowExecution' ? { code: 7, message: 'request unauthorized' } : undefined;
    const dispatcher = aDispatcher();
    await dispatcher.start();
    await harness.untilRunId(next);
    await until('the warning', () =>
      harness.log.some(({ msg }) => msg === 'The status of a run cannot be read; the next sweep retries.'),
    );
    expect(dispatcher.temporalState()).toEqual({ reachable: true });
  });

  it('The sweep follows a run that an earlier version started under the verbatim id of an issue with a percent sign', async () => {
    const percent = `${issueId} 100%`;
    const earlierId = String(earlierWorkflowId(percent));
    const { firstExecutionRunId: runId } = await client.workflow.start('ExportIssue', {
      workflowId: earlierId,
      taskQueue: 'requeue',
      args: [{ issueId: percent }],
    });
    const request = await harness.entry({ issueId: percent }, { runId });
    const next = await harness.entry({ issueId }, { runId: 'b3a4c8f0-0000-4000-8000-000000000000' });
    await aDispatcher().start();
    await until('the sweep to pass it', async () => (await signalledTo(client, issueId)).length === 1);
    expect((await harness.read(next))?.handOver).not.toHaveProperty('held');
    expect((await harness.read(request))?.handOver).toEqual({ runId });
    await expect(client.workflow.getHandle(exportWorkflowId(percent)).describe()).rejects.toThrow(
      'not found',
    );
    await client.workflow.getHandle(earlierId).terminate('enough');
    expect(await harness.held(request)).toContain('A person terminated its workflow.');
  });

  it('The sweep starts at once when Temporal answers with another namespace id', async () => {
    const another = await startTemporal();
    try {
      const request = await harness.entry({ issueId });
      const dispatcher = aDispatcher({ times: { ...shortTimes, sweepMs: 600_000 } });
      await dispatcher.start();
      const first = await harness.untilRunId(request);
      await until('a ping', () => proxy.calls.includes('DescribeNamespace'));
      proxy.sendTo(another.address);
      await until(
        'another run',
        async () =>
          (await harness.read(request))?.handOver.runId !== first &&
          (await harness.untilRunId(request)) !== undefined,
      );
      expect(await signalledTo(another.client, issueId)).toEqual([request.requestId]);
    } finally {
      await another.teardown();
    }
  });
});

describe('Dispatching a request', () => {
  it('The dispatcher signals the workflow with the request and stores the run id in the entry', async () => {
    const dispatcher = aDispatcher();
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    const runId = await harness.untilRunId(request);
    const {
      type,
      status,
      memo: _,
      ...described
    } = await client.workflow.getHandle(exportWorkflowId(issueId), runId).describe();
    expect({ type, status: status.name, taskQueue: described.taskQueue }).toEqual({
      type: 'ExportIssue',
      status: 'RUNNING',
      taskQueue: 'requeue',
    });
    expect(described.searchAttributes).toMatchObject({
      AquariumIssueId: [issueId],
      AquariumProject: ['street-scenes'],
    });
    expect(await signalledTo(client, issueId, runId)).toEqual([request.requestId]);
  });

  it('The dispatcher keeps the order of an issue’s requests: entries of the inbox come before requests that arrive while it is read', async () => {
    const dispatcher = aDispatcher();
    const held = [];
    for (let at = 0; at < 5; at += 1) held.push(await harness.entry({ issueId, body: `body ${at % 2}` }));
    const newest = await harness.entry({ issueId, body: 'the newest' });
    dispatcher.dispatch(newest);
    await dispatcher.start();
    await harness.untilRunId(newest);
    expect(await signalledTo(client, issueId)).toEqual(listRequestIds([...held, newest]));
  });

  it('The request waits while Temporal is unreachable, and is dispatched when it returns', async () => {
    proxy.fault = () => ({ code: 14, message: 'no server answers' });
    const dispatcher = aDispatcher();
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    await until('Temporal to be missed', () => signals() > 3);
    expect(dispatcher.temporalState()).toEqual({
      reachable: false,
      message: expect.stringContaining('no server answers') as string,
    });
    expect(await harness.read(request)).toEqual({ request, handOver: {} });
    proxy.fault = () => undefined;
    await harness.untilRunId(request);
    await until('Temporal to be seen', () => dispatcher.temporalState().reachable);
  });

  it('The dispatcher times out a call without an answer, and retries', async () => {
    proxy.fault = (method) => (method.startsWith('Signal') && signals() < 3 ? 'silence' : undefined);
    const dispatcher = aDispatcher({ times: { ...shortTimes, deadlineMs: 150 } });
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    await harness.untilRunId(request);
    // a call that took longer than its deadline may have been heard too
    expect(new Set(await signalledTo(client, issueId))).toEqual(new Set([request.requestId]));
  });

  it.each([
    [3, 'exceeded workflow execution limit for signal events', 5],
    // the SDK retries it too, after a second or more
    [8, 'workflow operation can not be applied because workflow is closing', 1],
  ])(
    'The dispatcher retries after code %d, %s, and still counts Temporal as reachable',
    async (code, message, times) => {
      proxy.fault = (method) =>
        method.startsWith('Signal') && signals() <= times ? { code, message } : undefined;
      const dispatcher = aDispatcher();
      await dispatcher.start();
      const request = await harness.entry({ issueId });
      dispatcher.dispatch(request);
      await harness.untilRunId(request);
      expect(dispatcher.temporalState()).toEqual({ reachable: true });
      expect(harness.log).toEqual([]);
    },
  );

  it('A busy issue with many requests does not block another issue', async () => {
    const busy = Array.from({ length: 40 }, async (_, at) =>
      harness.entry({ issueId: `${issueId} busy ${at}` }),
    );
    const requests = await Promise.all(busy);
    proxy.fault = (method) =>
      method.startsWith('Signal')
        ? { code: 3, message: 'exceeded workflow execution limit for signal events' }
        : undefined;
    const dispatcher = aDispatcher({ times: { ...shortTimes, backOffMs: 60_000, maxBackOffMs: 60_000 } });
    await dispatcher.start();
    await until('all to be refused once', () => signals() >= requests.length);
    proxy.fault = () => undefined;
    const other = await harness.entry({ issueId });
    dispatcher.dispatch(other);
    await harness.untilRunId(other);
    for (const request of requests) expect((await harness.read(request))?.handOver).toEqual({});
  });

  it.each([
    [3, 'an argument is invalid'],
    [5, 'the namespace is not found'],
    [7, 'request unauthorized'],
    [16, 'no credentials'],
  ])(
    'The dispatcher holds a request that Temporal refuses with code %d, with its sentence, and no other request waits',
    async (code, message) => {
      proxy.fault = (method) =>
        method.startsWith('Signal') && signals() <= 3 ? { code, message } : undefined;
      const dispatcher = aDispatcher();
      await dispatcher.start();
      const [refused, next] = [
        await harness.entry({ issueId }),
        await harness.entry({ issueId, body: 'another' }),
      ];
      dispatcher.dispatch(refused);
      dispatcher.dispatch(next);
      expect(await harness.held(refused)).toMatch(/^Temporal refuses it: /);
      expect(await harness.held(refused)).toContain(message);
      await harness.untilRunId(next);
      expect(await signalledTo(client, issueId)).toEqual([next.requestId]);
      expect(harness.log).toContainEqual(
        expect.objectContaining({ msg: 'A request is held.', sha256: refused.sha256 }),
      );
    },
  );

  it('The dispatcher holds a request when the namespace does not exist', async () => {
    const { connection } = connectClient({ address: proxy.address, env: {} });
    const dispatcher = aDispatcher({ client: new Client({ connection, namespace: 'elsewhere' }) });
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    expect(await harness.held(request)).toMatch(/^Temporal refuses it: .*elsewhere/);
    await connection.close();
  });

  it('The dispatcher registers the search attributes that Temporal lacks', async () => {
    let registered = false;
    proxy.fault = (method) =>
      method.startsWith('Signal') && !registered
        ? {
            code: 3,
            message: 'Namespace default has no mapping defined for search attribute AquariumIssueId',
          }
        : undefined;
    const dispatcher = aDispatcher({ ensureAttributes: async () => void (registered = true) });
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    expect(await harness.untilRunId(request)).toBeDefined();
  });

  it('The dispatcher skips a request whose entry is removed, is held, or was dispatched by another gateway', async () => {
    const [done, held, given, next] = [
      await harness.entry({ issueId }),
      await harness.entry({ issueId }),
      await harness.entry({ issueId }),
      await harness.entry({ issueId }),
    ];
    await removeInboxEntry(harness.store, done.requestId);
    await harness.hold(held, 'A sentence.');
    await harness.markDispatched(given, 'a run of another gateway');
    const dispatcher = aDispatcher({ times: { ...shortTimes, sweepMs: 60_000 } });
    await dispatcher.start();
    for (const request of [done, held, given, next]) dispatcher.dispatch(request);
    await harness.untilRunId(next);
    expect(await signalledTo(client, issueId)).toEqual([next.requestId]);
  });

  it('The next sweep dispatches a request after the store failed, and no other request waits for it', async () => {
    const [unread, next] = [
      await harness.entry({ issueId }),
      await harness.entry({ issueId, body: 'another' }),
    ];
    let broken = true;
    const read: typeof harness.store.read = (key, range) => {
      if (broken && key === inboxKey(unread.requestId)) throw new Error('EIO');
      return harness.store.read(key, range);
    };
    const dispatcher = aDispatcher({ store: { ...harness.store, read } });
    await dispatcher.start();
    dispatcher.dispatch(unread);
    dispatcher.dispatch(next);
    await harness.untilRunId(next);
    const failed = {
      requestId: unread.requestId,
      msg: 'A request cannot be dispatched; the next sweep retries.',
    };
    expect(harness.log).toContainEqual(expect.objectContaining(failed));
    broken = false;
    await harness.untilRunId(unread);
  });

  it('The dispatcher signals the same run again after the gateway died before it stored the run id', async () => {
    const request = await harness.entry({ issueId });
    const dying = aDispatcher({
      store: { ...harness.store, replace: () => Promise.reject(new Error('EIO')) },
      times: { ...shortTimes, sweepMs: 60_000 },
    });
    await dying.start();
    await until('the signal', async () => (await signalledTo(client, issueId)).length === 1);
    await dying.close();
    await aDispatcher().start();
    const runId = await harness.untilRunId(request);
    expect(await signalledTo(client, issueId, runId)).toEqual([request.requestId, request.requestId]);
  });
});

describe('Two gateways on one store', () => {
  it('Two gateways lose no request, and each request reaches its run', async () => {
    const requests = [];
    for (let at = 0; at < 24; at += 1)
      requests.push(await harness.entry({ issueId: `${issueId} ${at % 6}`, body: `body ${at}` }));
    await Promise.all([aDispatcher().start(), aDispatcher().start()]);
    for (const request of requests) await harness.untilRunId(request);
    for (let issue = 0; issue < 6; issue += 1) {
      const signalled = await signalledTo(client, `${issueId} ${issue}`);
      expect([...new Set(signalled)]).toEqual(listRequestIds(requests.filter((_, at) => at % 6 === issue)));
    }
  });
});

describe('Closing the dispatcher', () => {
  it('close waits for the call in flight and its run id, and starts no other call', async () => {
    const dispatcher = aDispatcher();
    await dispatcher.start();
    const request = await harness.entry({ issueId });
    dispatcher.dispatch(request);
    await until('the call', () => signals() === 1);
    await dispatcher.close();
    expect((await harness.read(request))?.handOver.runId).toBeDefined();
    const before = signals();
    const late = await harness.entry({ issueId });
    dispatcher.dispatch(late);
    await dispatcher.close();
    expect({ signals: signals(), entry: await harness.read(late) }).toEqual({
      signals: before,
      entry: { request: late, handOver: {} },
    });
  });

  it('close ends requests that wait for Temporal, and leaves no timer behind', async () => {
    const before = timers();
    const dispatcher = harness.dispatcher({
      address: unusedAddress,
      times: { ...shortTimes, backOffMs: 60_000, maxBackOffMs: 60_000, pingMs: 60_000, sweepMs: 60_000 },
    });
    await harness.entry({ issueId });
    await dispatcher.start();
    await until('Temporal to be missed', () => !dispatcher.temporalState().reachable);
    await dispatcher.close();
    expect(await until('no timer but those of before', () => timers() <= before)).toBe(true);
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
