import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '../payloads/temp-folder';
import { exportBody, ids } from '../support/builders';
import { freePorts } from '../support/free-ports';
import { Stack } from '../support/harness/stack';

let stack: Stack;
const folder = tempFolder();

beforeAll(async () => {
  const [sandbox] = await freePorts(1);
  const file = join(folder, 'requeue.yml');
  await writeFile(
    file,
    `
destinations:
  - { name: labelbox, adapter: labelbox, address: '\${ADDRESS}', key: '\${KEY}', timeout: 500ms }
routes:
  - { project: '*', destination: labelbox }
`,
  );
  const ADDRESS = `http://127.0.0.1:${sandbox}/graphql`;
  const env = { REQUEUE_CONFIG: file, SANDBOX_PORT: String(sandbox), ADDRESS, KEY: 'sandbox-key' };
  stack = await (await Stack.create(env)).startAll();
}, 60_000);

afterAll(() => stack.stop());

it('A service that is slower than the time-out gets a few calls, then the export pauses; a resume finds the work done', async () => {
  await stack.fault({ kind: 'hang-after' });
  const { body } = await stack.post(exportBody('slow', ids('slow-', 6)));
  const paused = await stack.untilStage('slow', 'paused');
  expect(paused).toMatchObject({
    pausedBy: 'service',
    pausedBecause:
      'Calls with one label get no answer. The labeling service did not answer (timeout); the effect of the call is unknown.',
  });
  expect(stack.sandbox.ledger().length).toBeLessThanOrEqual(10); // 6, 3 and 2 labels twice, one label three times, one probe
  await stack.clearFaults();
  await stack.workflow('slow').signal('resume');
  await stack.untilDone('slow');
  const report = await stack.report('slow', body['revision']);
  expect(report).toMatchObject({ outcome: 'completed', counts: { relabeled: 6, unconfirmed: 0 } });
  expect(report.labels.every(({ repeated }) => repeated)).toBe(true);
});
