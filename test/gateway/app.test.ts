import { updateDispatchState } from '../../src/payloads/inbox-entry';
import { refuse } from '../../src/gateway/http/refusal';
import { tempFolder } from '../payloads/temp-folder';
import { aDelivery } from '../support/builders';
import { operatorToken, runGateway, type GatewayHarness } from './gateway-harness';

const parent = tempFolder();
const bearer = { authorization: `Bearer ${operatorToken}` };
const sha256 = 'ab'.repeat(32);
const requests: unknown[] = [];
let gateway: GatewayHarness;
beforeAll(async () => {
  gateway = await runGateway(parent, {
    api: {
      async replay(request) {
        if (request.sha256.startsWith('00')) throw refuse('no-such-delivery', { sha256: request.sha256 });
        requests.push(request);
        return { requestId: 'r' };
      },
    },
  });
});
afterAll(() => gateway.close());

describe('The operator API', () => {
  it('The API replays a delivery, with force only when the request asks for it', async () => {
    const path = `/api/deliveries/${sha256}/replay`;
    expect(await gateway.ask('POST', path, bearer)).toMatchObject({ status: 202, body: { requestId: 'r' } });
    expect(await gateway.ask('POST', path, bearer, '{"force":true}')).toMatchObject({ status: 202 });
    expect(requests).toEqual([
      { sha256, force: false, by: 'ada' },
      { sha256, force: true, by: 'ada' },
    ]);
    expect(await gateway.ask('POST', path, bearer, '{"force":"yes"}')).toMatchObject({
      status: 400,
      body: { error: 'not-a-boolean' },
    });
    expect(await gateway.ask('POST', path, bearer, '{')).toMatchObject({
      status: 400,
      body: { error: 'broken-json' },
    });
    expect(await gateway.ask('POST', path, bearer, '[]')).toMatchObject({
      status: 400,
      body: { error: 'not-an-object' },
    });
    expect(await gateway.ask('POST', path, bearer, ' '.repeat(20_000))).toMatchObject({
      status: 413,
      body: { message: 'Payload Too Large: the body exceeds the limit of 16,384 bytes.' },
    });
    expect(await gateway.ask('POST', `/api/deliveries/${'00'.repeat(32)}/replay`, bearer)).toMatchObject({
      status: 404,
      body: { error: 'no-such-delivery' },
    });
    expect(requests).toHaveLength(2);
  });

  it('The API drops a held request only with a reason', async () => {
    const path = `/api/deliveries/${sha256}/drop`;
    for (const body of ['', '{}', '{"reason":""}', '{"reason":" "}', '{"reason":7}'])
      expect([body, await gateway.ask('POST', path, bearer, body)]).toMatchObject([
        body,
        { status: 400, body: { error: 'bad-reason' } },
      ]);
    expect(await gateway.ask('POST', path, bearer, '{"reason":"by mistake"}')).toMatchObject({
      status: 200,
      body: { requestIds: ['r1'] },
    });
  });

  it('The API answers 500 to an unexpected error, in a sentence without its internals', async () => {
    const own = await runGateway(parent, {
      api: { show: () => Promise.reject(new TypeError('secret internals')) },
    });
    const answer = await own.ask('GET', '/api/exports/x', bearer);
    expect(answer).toMatchObject({
      status: 500,
      body: {
        error: 'internal-error',
        message: expect.stringMatching(/^Internal Server Error: Requeue failed to handle this request/),
      },
    });
    expect(JSON.stringify(answer)).not.toContain('internals');
    expect(own.log.at(-1)).toMatchObject({ level: 50, err: { message: 'secret internals' } });
    await own.close();
  });
});

describe('The health endpoints', () => {
  it('/readyz needs no token, and counts waiting and held entries', async () => {
    const own = await runGateway(parent);
    await own.post(aDelivery());
    await own.post(aDelivery());
    const [first] = own.inbox();
    await updateDispatchState(own.store, {
      request: first!.request,
      handOver: { held: 'Temporal refuses it.' },
    });
    expect(await own.ask('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', store: 'ok', temporal: { reachable: true }, inbox: { waiting: 1, held: 1 } },
    });
    expect(await own.ask('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect((await own.ask('HEAD', '/healthz')).status).toBe(200);
    await own.close();
  });

  it('/readyz checks the store at most once a second, however many probes come', async () => {
    let checks = 0;
    const own = await runGateway(parent, {
      store: (store) => ({ ...store, check: async () => void (checks += 1) }),
    });
    await Promise.all(Array.from({ length: 20 }, () => own.ask('GET', '/readyz')));
    expect(checks).toBe(1);
    await own.close();
  });

  it('/healthz answers 405 to POST', async () => {
    expect(await gateway.ask('POST', '/healthz')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });
});
