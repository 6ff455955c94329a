import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { readReportHead } from '../../src/payloads/report-head';
import { listInbox } from '../../src/payloads/inbox-entry';
import { attemptFolder, deliveryKey, receiptKey } from '../../src/payloads/keys';
import { exportBody } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { until } from '../support/until';
import { openVolume, type Volume } from '../support/volume';

let stack: Stack;
let volume: Volume;

beforeAll(async () => {
  volume = openVolume(16);
  const env = {
    REQUEUE_STORE: join(volume.folder, 'store'),
    CHUNK_LABELS: '5',
    CHUNKS_IN_FLIGHT: '2',
    APPROVAL_THRESHOLD: '40',
  };
  stack = await (await Stack.create(env)).startAll();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  volume.remove();
});

const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${at}`);
const workflow = (issueId: string) => stack.client().workflow.getHandle(`export-issue-${issueId}`);
const inboxIsEmpty = () => until('an empty inbox', async () => (await listInbox(stack.store)).length === 0);
const sent = (prefix: string): string[] =>
  stack.sandbox
    .ledger()
    .flatMap(({ labelIds }) => labelIds)
    .filter((id) => id.startsWith(`${prefix}-`));
const storePath = (key: string): string => join(stack.config.storeFolder, key);

/** A disk in use may refuse for a moment to be taken away. */
const once = (what: string, change: () => void) => until(what, () => (change(), true));

it.each([
  ['full', () => volume.fill(), () => volume.free(), 507, 'full'],
  ['read-only', () => volume.readOnly(), () => volume.writable(), 503, 'read-only'],
  ['not mounted', () => volume.unmount(), () => volume.mount(), 503, 'away'],
])(
  'An export whose disk becomes %s while it is sent waits, and continues by itself without losing a label',
  async (_, breakIt, mendIt, status, name) => {
    await stack.fault({ kind: 'slow', delayMs: 200 });
    expect(await stack.post(exportBody(name, ids(name, 30)))).toMatchObject({ status: 202 });
    await until('its first labels', () => sent(name).length > 0);
    await once('the fault', breakIt);
    if (volume.real) {
      expect(await stack.post(exportBody(`${name}-refused`, ids('refused', 2)))).toMatchObject({ status });
      await until('the worker to say so', async () => {
        const { raw } = await workflow(name).describe();
        return raw.pendingActivities?.some(({ lastFailure }) =>
          lastFailure?.message?.startsWith('The payload store failed while '),
        );
      });
    }
    await once('the fault to go', mendIt);
    await stack.clearFaults();
    expect(await workflow(name).result()).toMatchObject({ stage: 'completed' });
    await inboxIsEmpty();
    expect(new Set(sent(name))).toEqual(new Set(ids(name, 30)));
    expect(sent(name).length).toBeLessThanOrEqual(30 + 2 * 5); // what was in flight may have been sent again
    expect(sent('refused')).toEqual([]);
  },
);

const steer = async (issueId: string, action: string) => {
  const { statusCode, body } = await request(`${stack.url}/api/exports/${issueId}/${action}`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-ann' },
  });
  return { status: statusCode, body: (await body.json()) as { message: string } };
};

it.each([
  ['full', () => volume.fill(), () => volume.free(), 507],
  ['read-only', () => volume.readOnly(), () => volume.writable(), 503],
  ['not mounted', () => volume.unmount(), () => volume.mount(), 503],
])(
  'An operator pauses and cancels an export while the disk is %s; the log marks the name as claimed, and the report waits for the store',
  async (_, breakIt, repairIt, status) => {
    if (!volume.real) return;
    const issueId = `stopped-${status}-${stack.sandbox.ledger().length}`;
    await stack.fault({ kind: 'slow', delayMs: 200 });
    const { body } = await stack.post(exportBody(issueId, ids(issueId, 30)));
    await until('its first labels', () => sent(issueId).length > 0);
    await once('the fault', breakIt);
    const claimed =
      / The store cannot be written, so the log of the export marks your name as claimed, not proven\.$/;
    const paused = await steer(issueId, 'pause');
    expect(paused).toMatchObject({ status: 202, body: { message: expect.stringMatching(claimed) } });
    const because = 'An operator paused it by "ann" (claimed).';
    const isPaused = async () => (await stack.progress(issueId)).pausedBecause === because;
    await until('the pause', isPaused);
    expect(await steer(issueId, 'resume')).toMatchObject({ status });
    expect(await isPaused()).toBe(true);
    const cancelled = await steer(issueId, 'cancel');
    expect(cancelled).toMatchObject({ status: 202, body: { message: expect.stringMatching(claimed) } });
    await until('the report to wait for the store', async () => {
      const { raw } = await workflow(issueId).describe();
      return raw.pendingActivities?.some(
        ({ activityType, lastFailure }) => activityType?.name === 'writeReport' && lastFailure,
      );
    });
    const atCancel = sent(issueId).length;
    await once('the fault to go', repairIt);
    await stack.clearFaults();
    await stack.untilDone(issueId);
    const report = await stack.reportHead(issueId, body['revision']);
    expect(report).toMatchObject({
      outcome: 'cancelled',
      reason: expect.stringContaining('It was cancelled by "ann" (claimed)'),
    });
    expect(report?.log.map(({ text }) => text)).toContain('Paused by signal by "ann" (claimed).');
    expect(sent(issueId)).toHaveLength(atCancel);
  },
);

it('The worker finds a plan that was changed before the approval, names it, and sends nothing', async () => {
  const { body } = await stack.post(exportBody('changed-plan', ids('plan', 50)));
  const revision = String(body['revision']);
  const asks = async (stage: string) =>
    until(stage, async () => {
      const seen = await workflow('changed-plan').query<{ stage: string; pausedBecause?: string }>(
        'progress',
      );
      return seen.stage === stage && seen;
    });
  await asks('awaiting-approval');
  const path = storePath(`${attemptFolder({ issueId: 'changed-plan', revision, attempt: 1 })}labels.ndjson`);
  const before = readFileSync(path);
  writeFileSync(path, before.toString().replace('plan-7', 'plan-8'));
  await workflow('changed-plan').signal('approve', { revision, by: 'ann' });
  const { pausedBecause } = await asks('paused');
  expect(pausedBecause).toContain(`labels.ndjson of attempt 1 at revision ${revision} was changed`);
  expect(sent('plan')).toEqual([]);
  writeFileSync(path, before);
  await workflow('changed-plan').signal('resume');
  expect(await workflow('changed-plan').result()).toMatchObject({ stage: 'completed' });
  expect(sent('plan').sort()).toEqual(ids('plan', 50).sort());
});

it('The worker does not use a receipt that was changed: a later export reads the report in its place, and names it', async () => {
  const post = async (count: number, attempt: number) => {
    const { body } = await stack.post(exportBody('changed-receipt', ids('receipt', count)));
    const ref = { issueId: 'changed-receipt', revision: String(body['revision']), attempt };
    return { ref, head: await until('its report', () => readReportHead(stack.store, ref)) };
  };
  const { ref, head } = await post(8, 1);
  expect(head).toMatchObject({ outcome: 'completed' });
  const path = storePath(receiptKey(ref, { from: 0, to: 5 }));
  writeFileSync(path, readFileSync(path, 'utf8').replace('receipt-3', 'receipt-9'));
  const later = await post(10, 1);
  expect(later.head).toMatchObject({
    outcome: 'completed',
    counts: { planned: 2, relabeled: 2 },
    warnings: [
      {
        warning: 'damaged-file',
        message: `receipts/0-5.json of attempt 1 at revision ${ref.revision} was changed after it was written. What the attempt relabeled is known from its report.`,
      },
    ],
  });
  expect(sent('receipt').sort()).toEqual(ids('receipt', 10));
});

it('A delivery that was cut off before it is planned ends as failed, and its report states why', async () => {
  await stack.stopWorker();
  const { body } = await stack.post(exportBody('cut', ids('cut', 3)));
  const revision = String(body['revision']);
  const { request } = JSON.parse(
    readFileSync(storePath(`inbox/${String(body['requestId'])}.json`), 'utf8'),
  ) as {
    request: { sha256: string };
  };
  writeFileSync(
    storePath(deliveryKey(request.sha256)),
    readFileSync(storePath(deliveryKey(request.sha256))).subarray(0, 200),
  );
  await stack.startWorker();
  expect(await workflow('cut').result()).toMatchObject({ stage: 'failed' });
  await inboxIsEmpty();
  const head = await readReportHead(stack.store, { issueId: 'cut', revision, attempt: 1 });
  expect(head?.reason).toContain(`Delivery ${revision} was changed in the payload store`);
  expect(sent('cut')).toEqual([]);
});
