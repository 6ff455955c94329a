import { createHash } from 'node:crypto';
import { request } from 'undici';
import type { ExportRequest } from '../../src/domain/request';
import { putInboxEntry, updateDispatchState } from '../../src/payloads/inbox-entry';
import { deliveryKey } from '../../src/payloads/keys';
import { writeBytes } from '../../src/payloads/small-objects';
import { exportBody, ids } from '../support/builders';
import { Stack } from '../support/harness/stack';
import { aRequest } from '../support/requests';

const aheadMs = 15 * 60_000;
let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ APPROVAL_THRESHOLD: '50' })).startAll();
}, 60_000);

afterAll(() => stack.stop());

/** A request in the inbox that another gateway accepted, whose clock runs ahead by `ms`. */
async function accepted(issueId: string, labelIds: readonly string[], ms: number): Promise<ExportRequest> {
  const body = JSON.stringify(exportBody(issueId, labelIds));
  const sha256 = createHash('sha256').update(body).digest('hex');
  const receivedAt = new Date(Date.now() + ms).toISOString();
  const accepting = aRequest({ issueId, sha256, revision: sha256.slice(0, 12), receivedAt });
  await writeBytes(stack.store, deliveryKey(sha256), body);
  await putInboxEntry(stack.store, accepting);
  return accepting;
}

it('The operator is asked about the newer click, although the older one came through a gateway that is ahead', async () => {
  const older = await accepted('clicks', ids('older-', 51), aheadMs);
  await stack.restartGateway(); // it sweeps the inbox
  await stack.untilStage('clicks', 'awaiting-approval', older.revision);
  const newer = (await stack.post(exportBody('clicks', ids('newer-', 51)))).body;
  await stack.untilStage('clicks', 'awaiting-approval', newer['revision']);
  const report = await stack.reportHead('clicks', older.revision);
  expect(report).toMatchObject({ outcome: 'superseded', requests: [older.requestId] });
  expect(Date.parse(report?.receivedAt ?? '')).toBeLessThanOrEqual(Date.now());
  await stack.workflow('clicks').signal('approve', { revision: newer['revision'] });
  await stack.untilDone('clicks');
  expect(stack.sent('newer-')).toHaveLength(51);
  expect(stack.sent('older-')).toEqual([]);
});

it('A request that is held after an export from a gateway that is ahead counts as the newer one', async () => {
  const { requestId, revision } = await accepted('held', ids('held-', 5), aheadMs);
  await stack.restartGateway();
  await stack.untilDone('held');
  expect(await stack.reportHead('held', revision)).toMatchObject({ requestId, outcome: 'completed' });
  await stack.workflow('held').result();
  const later = await accepted('held', ids('held-', 6), 0);
  await updateDispatchState(stack.store, { request: later, handOver: { held: 'Temporal refuses it.' } });
  const { statusCode, body } = await request(`${stack.url}/api/exports/held/decision`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-ann', 'content-type': 'application/json' },
    body: JSON.stringify({ decision: 'approve', revision: later.revision }),
  });
  expect([statusCode, await body.json()]).toMatchObject([409, { error: 'request-held' }]);
});
