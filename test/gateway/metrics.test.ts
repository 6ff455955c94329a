import { tempFolder } from '../payloads/temp-folder';
import { aRequest } from '../support/requests';
import { putInboxEntry, updateDispatchState } from '../../src/payloads/inbox-entry';
import { aDelivery, anIssue } from '../support/builders';
import { runGateway } from './gateway-harness';
import { request } from 'undici';

const parent = tempFolder();

async function metricsAt(port: number) {
  const { statusCode, headers, body } = await request(`http://127.0.0.1:${port}/metrics`);
  return { status: statusCode, type: headers['content-type'], text: await body.text() };
}

it('The gateway’s metrics show deliveries by result, the inbox, the store and Temporal, without a token', async () => {
  const gateway = await runGateway(parent);
  const held = aRequest();
  await putInboxEntry(gateway.store, held);
  await updateDispatchState(gateway.store, { request: held, handOver: { held: 'A sentence.' } });
  const bodies = [
    aDelivery(),
    aDelivery({ issue: anIssue({ elements: [] }) }),
    aDelivery({ event: 'issue-update' }),
    aDelivery({ issue: 7 }),
  ];
  for (const body of bodies) await gateway.post(body);
  await gateway.post(aDelivery(), { 'x-aquarium-secret': 'wrong' });
  await gateway.ask('GET', '/nowhere');
  const { status, type, text } = await metricsAt(gateway.port);
  await gateway.close();
  expect({ status, type }).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8' });
  const bytes = bodies.slice(0, 3).reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'requeue_deliveries_total{result="accepted"} 1',
    'requeue_deliveries_total{result="test"} 1',
    'requeue_deliveries_total{result="ignored"} 1',
    'requeue_deliveries_total{result="issue-not-an-object"} 1',
    'requeue_deliveries_total{result="secret-wrong"} 1',
    `requeue_delivery_bytes_total ${bytes}`,
    'requeue_inbox_entries{state="waiting"} 1',
    'requeue_inbox_entries{state="held"} 1',
    'requeue_inbox_entries{state="unreadable"} 0',
    'requeue_temporal_reachable 1',
    'requeue_store_ready 1',
  ]);
});

it('The metrics contain no issue, project or event of a sender', async () => {
  const gateway = await runGateway(parent);
  await gateway.post(aDelivery({ project: 'canary-project', issue: anIssue({ id: 'canary-issue' }) }));
  await gateway.post(aDelivery({ event: 'canary-event' }));
  const { text } = await metricsAt(gateway.port);
  await gateway.close();
  expect(text).toContain('result="unknown-event"');
  expect(text).not.toContain('canary');
});

it('The metrics omit the inbox and report the store as not ready while it fails', async () => {
  const gateway = await runGateway(parent, {
    store: (store) => ({
      ...store,
      list: () => Promise.reject(new Error('EIO')),
      check: () => Promise.reject(new Error('EIO')),
    }),
  });
  const { status, text } = await metricsAt(gateway.port);
  await gateway.close();
  expect(status).toBe(200);
  expect(text).toContain('requeue_store_ready 0');
  expect(text).not.toContain('requeue_inbox_entries{');
});
