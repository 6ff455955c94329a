import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../../payloads/temp-folder';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { type FakeGateway, requeue, startFakeGateway } from '../run-requeue';

const folder = tempFolder();
const sha256 = 'ab'.repeat(32);
const replayed = {
  requestId: 'r2',
  released: false,
  issueId: 'one',
  revision: 'abababababab',
  workflowId: 'export-issue-one',
};
const opened: FakeGateway[] = [];

async function gateway(status = 202, answer: object | string = replayed): Promise<FakeGateway> {
  const started = await startFakeGateway(status, answer);
  opened.push(started);
  return started;
}

afterEach(async () => {
  for (const started of opened.splice(0)) await started.close();
});

it('replay requests the delivery again with the operator’s token', async () => {
  const { url, got } = await gateway();
  const { code, stdout } = await requeue(['replay', sha256, '--url', url, '--token', 't1']);
  expect(code).toBe(0);
  expect(got[0]).toMatchObject({
    line: `POST /api/deliveries/${sha256}/replay`,
    headers: { authorization: 'Bearer t1' },
  });
  expect(JSON.parse(got[0]?.body.toString() ?? '')).toEqual({ force: false });
  for (const part of ['r2', 'one', 'abababababab']) expect(stdout).toContain(part);
});

it('replay says that a completed revision is not sent again', async () => {
  const { url } = await gateway(202, { ...replayed, duplicateOf: 'r1' });
  const { stdout } = await requeue(['replay', sha256, '--url', url, '--token', 't1']);
  expect(stdout).toBe(
    'Created request r2: issue one, revision abababababab. Request r1 has already completed the revision, so nothing is sent. To send all labels again, add --force.\n',
  );
});

it('replay --force --json forces, and prints the answer as JSON', async () => {
  const { url, got } = await gateway();
  const { stdout } = await requeue(['replay', sha256, '--url', url, '--token', 't1', '--force', '--json']);
  expect(JSON.parse(got[0]?.body.toString() ?? '')).toEqual({ force: true });
  expect(JSON.parse(stdout)).toEqual(replayed);
});

it('replay finds the token in REQUEUE_TOKEN, then OPERATOR_TOKENS, then the store of dev', async () => {
  const store = join(folder, 'store');
  mkdirSync(store);
  writeFileSync(join(store, 'operator-token'), 'kept\n');
  const { url, got } = await gateway();
  const env = { PUBLIC_URL: url, REQUEUE_STORE: store };
  await requeue(['replay', sha256], {
    ...env,
    REQUEUE_TOKEN: 'given',
    OPERATOR_TOKENS: 'ann:first,bob:second',
  });
  await requeue(['replay', sha256], { ...env, OPERATOR_TOKENS: 'ann:first,bob:second' });
  await requeue(['replay', sha256], env);
  expect(got.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer given',
    'Bearer first',
    'Bearer kept',
  ]);
});

it('replay ends with 1 and a sentence without a token, and when the gateway refuses', async () => {
  const { url, got } = await gateway(404, {
    error: 'no-delivery',
    message: 'Not Found: there is no such delivery.',
  });
  const without = await requeue(['replay', sha256, '--url', url], { REQUEUE_STORE: join(folder, 'empty') });
  expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('No operator token') as string });
  expect(got).toEqual([]);
  const refused = await requeue(['replay', sha256, '--url', url, '--token', 't1']);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no such delivery.') as string,
  });
});

it('replay prints any answer of a gateway as one printable line, also as JSON', async () => {
  const hostile = hostileNames.map(({ text }) => text.slice(0, 100)).join(' ');
  const answer = { ...replayed, issueId: hostile, requestId: hostile };
  const { url } = await gateway(202, answer);
  const words = await requeue(['replay', sha256, '--url', url, '--token', 't1']);
  const json = await requeue(['replay', sha256, '--url', url, '--token', 't1', '--json']);
  const refusing = await gateway(409, { error: 'x', message: hostile });
  const refused = await requeue(['replay', sha256, '--url', refusing.url, '--token', 't1']);
  for (const shown of [words.stdout, json.stdout, refused.stderr]) {
    expect(shown.split('\n')).toHaveLength(2);
    expect(shown.slice(0, -1)).not.toMatch(unprintable);
  }
  expect(JSON.parse(json.stdout)).toEqual(answer);
});

it('replay --held releases every held request of the list, each delivery once', async () => {
  const held = [{ sha256 }, { sha256 }, { sha256: 'cd'.repeat(32) }];
  const { url, got } = await gateway(200, JSON.stringify({ ...replayed, released: true, exports: [], held }));
  const { code, stdout } = await requeue(['replay', '--held', '--url', url, '--token', 't1']);
  expect(code).toBe(0);
  expect(got.map(({ line }) => line)).toEqual([
    'GET /api/exports?limit=1',
    `POST /api/deliveries/${sha256}/replay`,
    `POST /api/deliveries/${'cd'.repeat(32)}/replay`,
    'GET /api/exports?limit=1',
  ]);
  expect(stdout.match(/Released the hold/g)).toHaveLength(2);
});

it.each([[['replay']], [['replay', sha256, '--held']], [['replay', '--held', '--force']]])(
  '%j is wrong usage',
  async (args) => {
    expect((await requeue([...args, '--url', 'http://127.0.0.1:1', '--token', 't1'])).code).toBe(2);
  },
);
