import { hostileNames, unprintable } from '../../support/hostile-names';
import { type FakeGateway, requeue, startFakeGateway } from '../run-requeue';

const sha256 = 'ab'.repeat(32);
const dropped = {
  requestIds: ['r2'],
  issueId: 'one',
  revision: 'abababababab',
  message: 'Dropped one held request of issue one, revision abababababab.',
};
const opened: FakeGateway[] = [];

async function gateway(status = 200, answer: object = dropped): Promise<FakeGateway> {
  const started = await startFakeGateway(status, answer);
  opened.push(started);
  return started;
}

afterEach(async () => {
  for (const started of opened.splice(0)) await started.close();
});

it('drop sends the reason with the operator’s token, and prints what was dropped', async () => {
  const { url, got } = await gateway();
  const gatewayFlags = ['--url', url, '--token', 't1', '--reason', 'by mistake'];
  const { code, stdout } = await requeue(['drop', sha256, ...gatewayFlags]);
  expect([code, stdout]).toEqual([0, `${dropped.message}\n`]);
  expect(got[0]).toMatchObject({
    line: `POST /api/deliveries/${sha256}/drop`,
    headers: { authorization: 'Bearer t1' },
  });
  expect(JSON.parse(got[0]?.body.toString() ?? '')).toEqual({ reason: 'by mistake' });
  const json = await requeue(['drop', sha256, ...gatewayFlags, '--json']);
  expect(JSON.parse(json.stdout)).toEqual(dropped);
});

it.each([[[]], [['--reason', '']], [['--reason', '  ']]])('drop needs a reason, not %j', async (flags) => {
  const { url, got } = await gateway();
  const { code, stderr } = await requeue(['drop', sha256, '--url', url, '--token', 't1', ...flags]);
  expect([code, got]).toEqual([2, []]);
  expect(stderr).toContain('Pass --reason');
});

it('drop prints the refusal of the gateway as one printable line', async () => {
  const message = `Conflict: no request of the delivery is held. ${hostileNames.map(({ text }) => text.slice(0, 20)).join(' ')}`;
  const { url } = await gateway(409, { error: 'not-held', message });
  const { code, stderr } = await requeue(['drop', sha256, '--url', url, '--token', 't1', '--reason', 'x']);
  expect(code).toBe(1);
  expect(stderr).toContain('no request of the delivery is held');
  expect(stderr.slice(0, -1)).not.toMatch(unprintable);
});
