import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { request } from 'undici';
import { parseOwner, tempFolder } from '../../src/payloads/folder/temp-name';
import { exportBody, ids } from '../support/builders';
import { type PartProcess, Stack } from '../support/harness/stack';
import { until } from '../support/until';

let stack: Stack;

beforeAll(async () => {
  stack = await (await Stack.create({ CHUNK_LABELS: '10' })).startAll();
}, 60_000);

afterEach(() => stack.restore(), 60_000);

afterAll(() => stack.stop());

it('A killed worker loses no label; the labels in flight are sent again and marked', async () => {
  await stack.stopWorker();
  const killed = stack.startWorkerProcess();
  await stack.fault({ kind: 'slow', delayMs: 500 });
  const { body } = await stack.post(exportBody('killed', ids('k-', 200)));
  await until('calls in flight', () => stack.sent('k-').length >= 20);
  await until('a list without a warning', async () => (await warnings()).length === 0); // known a moment before
  await killed.kill();
  await until(
    'the warning',
    async () => (await warnings()).some((words) => words.includes('No worker')),
    5000,
  );
  await stack.clearFaults();
  await stack.startWorker();
  await until('no warning any more', async () => (await warnings()).length === 0);
  await stack.untilDone('killed');
  const sent = stack.sent('k-');
  expect(new Set(sent)).toEqual(new Set(ids('k-', 200)));
  expect(sent.length - 200).toBeLessThanOrEqual(8 * 10);
  const report = await stack.report('killed', body['revision']);
  expect(report.outcome).toBe('completed');
  const twice = sent.filter((id, at, all) => all.indexOf(id) !== at);
  const repeated = new Set(report.labels.filter((label) => label.repeated).map(({ labelId }) => labelId));
  expect(twice.filter((id) => !repeated.has(id))).toEqual([]);
  expect(repeated.size).toBeLessThanOrEqual(8 * 10);
}, 150_000);

it('A killed gateway loses no accepted delivery, keeps nothing of half a body, and the running export continues', async () => {
  await stack.stopGateway();
  const killed = await stack.startGatewayProcess();
  await stack.fault({ kind: 'slow', delayMs: 300 });
  const running = await stack.post(exportBody('running', ids('run-', 200)));
  await until('its first labels', () => stack.sent('run-').length > 0);
  const half = await halfAnUpload(killed);
  const accepted: string[] = [];
  const posts = ids('kept-', 40).map((issueId) =>
    stack.post(exportBody(issueId, [`label-of-${issueId}`])).then(
      ({ status }) => status === 202 && void accepted.push(issueId),
      () => undefined, // killed before it answered
    ),
  );
  await until('some answers', () => accepted.length >= 10);
  await killed.kill();
  await Promise.all([...posts, half.ended]);
  expect(listTempFiles(killed)).not.toEqual([]); // what the next start finds
  const again = await stack.startGatewayProcess();
  expect(listTempFiles(killed)).toEqual([]);
  await stack.clearFaults();
  await stack.untilDone();
  expect(accepted.filter((issueId) => !stack.requeued().includes(`label-of-${issueId}`))).toEqual([]);
  expect(await changedDeliveries()).toEqual([]);
  expect(stack.sent('half-')).toEqual([]);
  expect(stack.sent('run-').sort()).toEqual(ids('run-', 200).sort());
  expect(await stack.reportHead('running', running.body['revision'])).toMatchObject({
    outcome: 'completed',
    counts: { relabeled: 200 },
  });
  await again.kill();
}, 150_000);

it('A killed Temporal server loses no label', async () => {
  await stack.fault({ kind: 'slow', delayMs: 300 });
  await stack.post(exportBody('crash', ids('c-', 200)));
  await until('its first labels', () => stack.sent('c-').length > 0);
  await stack.killTemporal();
  await stack.clearFaults();
  await stack.startTemporal();
  await stack.untilDone('crash');
  expect(new Set(stack.requeued('c-'))).toEqual(new Set(ids('c-', 200)));
}, 150_000);

it('Deliveries that arrive while Temporal is down are exported when it is back', async () => {
  await stack.stopTemporal();
  const issues = ids('down-', 100);
  const answers = await Promise.all(
    issues.map((issue) => stack.post(exportBody(issue, [`label-of-${issue}`]))),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  await stack.startTemporal();
  await stack.untilDone();
  expect(stack.requeued('label-of-down-').sort()).toEqual(issues.map((issue) => `label-of-${issue}`).sort());
}, 150_000);

/** What the list of exports warns of. */
async function warnings(): Promise<readonly string[]> {
  const { statusCode, body } = await request(`${stack.url}/api/exports`, {
    headers: { authorization: 'Bearer token-of-ann' },
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`The list answered ${statusCode}: ${text}`);
  return (JSON.parse(text) as { warnings: string[] }).warnings;
}

/** Begins an upload and stops in the middle of it; resolves once the gateway writes it, to a promise of its end. */
async function halfAnUpload(gateway: PartProcess): Promise<{ ended: Promise<void> }> {
  const body = JSON.stringify(exportBody('half', ids('half-', 5000)));
  const socket = connect(stack.config.gateway.port, '127.0.0.1').on('error', () => undefined);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(
    `POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Aquarium-Secret: new-secret\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.slice(0, body.length / 2));
  await until('the upload in the store', () => listTempFiles(gateway).length > 0);
  return { ended };
}

/** Temp files of a process. */
function listTempFiles({ pid }: PartProcess): string[] {
  return readdirSync(tempFolder(stack.folder)).filter((name) => parseOwner(name)?.pid === pid);
}

/** Deliveries whose bytes are not what their name says. */
async function changedDeliveries(): Promise<string[]> {
  const folder = join(stack.folder, 'deliveries');
  const changed = await Promise.all(
    readdirSync(folder).map(async (name) => {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(join(folder, name)) as AsyncIterable<Buffer>)
        hash.update(chunk);
      return hash.digest('hex') === name ? [] : [name];
    }),
  );
  return changed.flat();
}
