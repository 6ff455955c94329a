import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { type Sandbox, startSandbox } from '../../src/dev/sandbox/start-sandbox';
import { tempFolder } from '../payloads/temp-folder';
import { ActivityHarness } from '../support/harness/activity-harness';
import { crops, aDelivery, anIssue } from '../support/builders';
import { type Call, canTrace, requireStrace, type Traced, traceNode } from '../support/strace';
import { until } from '../support/until';
import { secret } from './gateway-harness';

const dist = resolve(__dirname, '../../dist');
const calls = [
  '-e',
  'trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,mkdir,unlink,write,writev,sendto,sendmsg',
];

/** Matches the system call of a step. */
type Step = (call: Call) => boolean;

const synced =
  (path: string): Step =>
  (call) =>
    /^f(data)?sync$/.test(call.name) && parsePath(call) === path && !call.failed;
const isNaming = ({ name }: Call): boolean => name.startsWith('rename') || name.startsWith('link');
const named =
  (from: string, to: string): Step =>
  (call) =>
    isNaming(call) && call.args.includes(`"${from}"`) && call.args.includes(`"${to}"`) && !call.failed;
const written =
  (text: string): Step =>
  (call) =>
    /^(write|writev|sendto|sendmsg)$/.test(call.name) && call.args.includes(text);

/** The path of the call's first descriptor. */
function parsePath({ args }: Call): string {
  return /^\d+<([^>]*)>/.exec(args)?.[1] ?? '';
}

/** The temp file that got this path by a rename or a link. */
function findTempFile(all: readonly Call[], to: string): string {
  const moved = all.find((call) => isNaming(call) && call.args.includes(`"${to}"`));
  return /"([^"]+\.tmp)"/.exec(moved?.args ?? '')?.[1] ?? `no temp file became ${to}`;
}

/** Expects that each step began after the one before it was done. @returns the call of each step. */
function expectInOrder(all: readonly Call[], steps: Record<string, Step>): Record<string, Call> {
  let after = -1;
  const found: Record<string, Call> = {};
  for (const [name, step] of Object.entries(steps)) {
    const call = all.find((one) => one.began > after && step(one));
    if (!call) throw new Error(`"${name}" did not follow what has to be done before it:\n${show(all)}`);
    found[name] = call;
    after = call.done;
  }
  return found;
}

function show(all: readonly Call[]): string {
  return all
    .filter(({ name, args }) => !name.startsWith('write') || /HTTP|POST|RETURNED/.test(args))
    .map(({ began, done, name, args }) => `${began}-${done} ${name}(${args.slice(0, 160)}`)
    .join('\n');
}

/** Without strace this test proves nothing, and the output must show that. CI has strace. */
function sayThatNothingIsProved(): void {
  process.stderr.write(
    `\n*** NOT PROVED on ${process.platform}: the order of fsync and answer. It needs strace, which is a program of Linux. ***\n\n`,
  );
}

function describeOrder(): void {
  const parent = tempFolder();
  let traced: Traced | undefined;
  let sandbox: Sandbox | undefined;
  beforeAll(requireStrace, 300_000);
  afterEach(async () => {
    await traced?.end();
    await sandbox?.close();
  });

  it('The gateway answers 202 after body and entry, and the names of both, are synced', async () => {
    const root = join(mkdtempSync(join(parent, 'new-')), 'store');
    traced = traceNode([join(dist, 'cli/main.js'), 'gateway'], {
      file: join(parent, 'gateway.trace'),
      env: {
        REQUEUE_STORE: root,
        HOST: '127.0.0.1',
        PORT: '0',
        AQ_WEBHOOK_SECRET: secret,
        TEMPORAL_ADDRESS: '127.0.0.1:1',
      },
      options: calls,
    });
    const { output, calls: seen } = traced;
    const port = await until('the gateway', () => /"port":(\d+)/.exec(output())?.[1]);
    const post = async (id: string): Promise<number> => {
      const { statusCode, body } = await request(`http://127.0.0.1:${port}/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-aquarium-secret': secret },
        body: aDelivery({ issue: anIssue({ id }) }),
      });
      await body.dump();
      return statusCode;
    };

    expect(await post('first')).toBe(202);
    const first = await until('its trace', () => (seen().some(written('HTTP/1.1 202')) ? seen() : undefined));
    const [delivery] = readdirSync(join(root, 'deliveries'));
    const [entry] = readdirSync(join(root, 'inbox'));
    const order = (all: readonly Call[], sha256: string, name: string): Record<string, Step> => {
      const body = join(root, 'deliveries', sha256);
      const inboxEntry = join(root, 'inbox', name);
      return {
        'body synced': synced(findTempFile(all, body)),
        'body named': named(findTempFile(all, body), body),
        'its name synced': synced(join(root, 'deliveries')),
        'entry synced': synced(findTempFile(all, inboxEntry)),
        'entry named': named(findTempFile(all, inboxEntry), inboxEntry),
        'its name synced too': synced(join(root, 'inbox')),
        answered: written('HTTP/1.1 202'),
      };
    };
    const { answered } = expectInOrder(first, order(first, delivery!, entry!));
    expect(first.find(written('HTTP/1.1 202'))).toEqual(answered); // none before
    for (const made of [root, join(root, 'deliveries'), join(root, 'inbox'), join(root, 'tmp')]) {
      expectInOrder(first, {
        [`${made} made`]: (call) =>
          call.name === 'mkdir' && call.args.startsWith(`"${made}"`) && !call.failed,
        [`the folder above ${made} synced`]: synced(join(made, '..')),
        answered: (call) => call === answered,
      });
    }

    expect(await post('second')).toBe(202);
    const isSecond = () => {
      const all = seen();
      return all.filter(written('HTTP/1.1 202')).length === 2
        ? all.filter(({ began }) => began > answered!.done)
        : undefined;
    };
    const second = await until('the second answer in the trace', isSecond);
    const other = readdirSync(join(root, 'deliveries')).find((name) => name !== delivery);
    expectInOrder(second, order(second, other!, readdirSync(join(root, 'inbox')).at(-1)!));
  });

  it('The worker calls the labeling service after the sent-mark is synced, and returns after the receipt is', async () => {
    sandbox = await startSandbox({ port: 0, key: 'key' });
    const folder = mkdtempSync(join(parent, 'worker-'));
    const harness = new ActivityHarness(folder);
    const { ref } = await harness.plan(await harness.accept(crops(3)));
    const receipts = join(harness.path(ref, ''), 'receipts');
    traced = traceNode(['-e', relabelOnce], {
      file: join(parent, 'worker.trace'),
      env: {
        INPUT: JSON.stringify({ dist, folder, ref, address: `${sandbox.url}/graphql` }),
        NODE_PATH: resolve(dist, '../node_modules'),
      },
      options: calls,
    });
    const { output, calls: seen, child } = traced;
    await until('the activity to return', () => output().includes('RETURNED') || child.exitCode !== null);
    expect(output()).toMatch(/RETURNED .*"kind":"done".*"relabeled":3/);
    expect(existsSync(join(receipts, '0-3.json'))).toBe(true);
    const all = await until('its trace', () => (seen().some(written('RETURNED')) ? seen() : undefined));
    const [mark, receipt] = [join(receipts, '0-3.sent'), join(receipts, '0-3.json')];
    const { called } = expectInOrder(all, {
      'sent-mark synced': synced(findTempFile(all, mark)),
      'receipts folder made': (call) => call.name === 'mkdir' && call.args.startsWith(`"${receipts}"`),
      'its name synced': synced(join(receipts, '..')),
      'sent-mark named': named(findTempFile(all, mark), mark),
      'the name of the mark synced': synced(receipts),
      called: written('POST /graphql'),
      'receipt synced': synced(findTempFile(all, receipt)),
      'receipt named': named(findTempFile(all, receipt), receipt),
      'the name of the receipt synced': synced(receipts),
      returned: written('RETURNED'),
    });
    expect(all.find(written('POST /graphql'))).toEqual(called); // none before
  });
}

if (canTrace)
  describe('The order of fsync and answer', () => {
    describeOrder();
  });
else
  it('The test says loudly that it proves nothing on this system', () => {
    sayThatNothingIsProved();
    expect(process.platform).not.toBe('linux');
  });

/** Runs a worker's activity for one chunk, and writes a line when it returned. */
const relabelOnce = `
  const { dist, folder, ref, address } = JSON.parse(process.env.INPUT);
  const { MockActivityEnvironment } = require('@temporalio/testing');
  const { createActivities } = require(dist + '/activities');
  const { createLabelingService } = require(dist + '/labeling/create-labeling-service');
  const { createFolderStore } = require(dist + '/payloads/folder/folder-store');
  const destination = { name: 'labelbox', adapter: 'labelbox', address, key: 'key', inFlight: 1, chunkLabels: 100, timeoutMs: 10000 };
  const services = new Map([['labelbox', createLabelingService(destination)]]);
  const activities = createActivities({ config: { routes: [], destinations: [destination], notices: [], gateway: { publicUrl: '' }, temporal: { uiUrl: '' } }, store: createFolderStore({ folder }), services });
  new MockActivityEnvironment()
    .run(activities.labeling('labelbox').relabelChunk, { ref, from: 0, to: 3, mayOverlap: false })
    .then((result) => process.stdout.write('RETURNED ' + JSON.stringify(result) + '\\n', () => process.exit(0)));
`;
