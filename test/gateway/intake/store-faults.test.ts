import type { PayloadStore, StagedPayload } from '../../../src/payloads/payload-store';
import { tempFolder } from '../../payloads/temp-folder';
import { aDelivery, anIssue } from '../../support/builders';
import { type Answer, runGateway, type GatewayHarness } from '../gateway-harness';

const parent = tempFolder();

type Step = 'stage' | 'write' | 'commit of the body' | 'commit of the entry';

/** A store that fails at one step while `fault` is set. */
function failing(store: PayloadStore, at: Step, fault: { code: string | undefined }): PayloadStore {
  const failAt = (step: Step): void => {
    if (step === at && fault.code)
      throw Object.assign(new Error(`${fault.code}: a fault, open '/secret/path'`), {
        code: fault.code,
        errno: -1,
        syscall: 'open',
      });
  };
  const wrapped = (staged: StagedPayload): StagedPayload => ({
    async write(chunk) {
      failAt('write');
      await staged.write(chunk);
    },
    async commit(key) {
      failAt(key.startsWith('inbox/') ? 'commit of the entry' : 'commit of the body');
      await staged.commit(key);
    },
    commitIfAbsent: (key) => staged.commitIfAbsent(key),
    flush: () => staged.flush(),
    discard: () => staged.discard(),
  });
  return {
    ...store,
    async stage() {
      failAt('stage');
      return wrapped(await store.stage());
    },
    async check() {
      failAt('stage');
      await store.check();
    },
  };
}

async function gatewayWith(at: Step, fault: { code: string | undefined }): Promise<GatewayHarness> {
  return runGateway(parent, { store: (store) => failing(store, at, fault) });
}

describe('A store that fails', () => {
  it.each([
    ['stage', 'ENOSPC', 507, 'store-full', '60'],
    ['write', 'ENOSPC', 507, 'store-full', '60'],
    ['write', 'EDQUOT', 507, 'store-full', '60'],
    ['commit of the body', 'ENOSPC', 507, 'store-full', '60'],
    ['commit of the entry', 'ENOSPC', 507, 'store-full', '60'],
    ['stage', 'EMFILE', 503, 'store-unavailable', '10'],
    ['stage', 'ENOENT', 503, 'store-unavailable', '10'],
    ['write', 'EIO', 503, 'store-unavailable', '10'],
    ['commit of the body', 'EROFS', 503, 'store-unavailable', '10'],
    ['commit of the entry', 'EACCES', 503, 'store-unavailable', '10'],
  ] as const)(
    'A failure at the %s with %s is answered with %i, nothing is accepted, and the gateway recovers',
    async (at, code, status, error, retryAfter) => {
      const fault = { code: code as string | undefined };
      const gateway = await gatewayWith(at, fault);
      const body = aDelivery({ issue: anIssue({ elements: [{ x: 'x'.repeat(3 * 1024 * 1024) }] }) });
      const refused: Answer = await gateway.post(body);
      expect(refused).toMatchObject({
        status,
        body: {
          error,
          message: expect.stringMatching(
            /^(Service Unavailable|Insufficient Storage): Requeue.+Nothing was accepted; try again/,
          ),
        },
      });
      expect(refused.headers['retry-after']).toBe(retryAfter);
      expect(JSON.stringify(refused.body)).not.toContain('/secret/path');
      expect({
        inbox: gateway.files('inbox'),
        tmp: gateway.files('tmp'),
        accepted: gateway.accepted,
      }).toEqual({
        inbox: [],
        tmp: [],
        accepted: [],
      });
      if (at !== 'commit of the entry') expect(gateway.files('deliveries')).toEqual([]);
      expect(gateway.log.at(-1)).toMatchObject({
        level: 50,
        msg: 'Failed to handle a request.',
        status,
        err: { message: expect.stringContaining(code) },
      });
      fault.code = undefined;
      expect(await gateway.post(body)).toMatchObject({ status: 202 });
      expect(gateway.inbox()).toHaveLength(1);
      await gateway.close();
    },
  );

  it('A failure does not undo an earlier delivery of the same body', async () => {
    const fault: { code: string | undefined } = { code: undefined };
    const gateway = await gatewayWith('commit of the entry', fault);
    expect(await gateway.post(aDelivery())).toMatchObject({ status: 202 });
    fault.code = 'EIO';
    expect(await gateway.post(aDelivery())).toMatchObject({ status: 503 });
    expect(gateway.files('deliveries')).toHaveLength(1);
    expect(gateway.inbox()).toHaveLength(1);
    await gateway.close();
  });

  it('The gateway is not ready until the store works again, and reports the code of the error alone', async () => {
    const fault: { code: string | undefined } = { code: 'EROFS' };
    const gateway = await gatewayWith('stage', fault);
    const notReady = await gateway.ask('GET', '/readyz');
    expect(notReady).toMatchObject({
      status: 503,
      body: { status: 'not-ready', store: 'EROFS', temporal: { reachable: true } },
    });
    expect(await gateway.ask('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    await gateway.close();
  });
});
