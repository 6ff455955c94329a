import { refuse } from '../../../src/gateway/http/refusal';
import { tempFolder } from '../../payloads/temp-folder';
import { type GatewayHarness, operatorToken, runGateway } from '../gateway-harness';

const parent = tempFolder();
const headers = { authorization: `Bearer ${operatorToken}` };
const diskError = Object.assign(new Error("EIO: i/o error, open '/store/exports'"), {
  code: 'EIO',
  syscall: 'open',
});
let gateway: GatewayHarness;
let error: Error;

beforeAll(async () => {
  gateway = await runGateway(parent, { api: { list: () => Promise.reject(error) } });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.log.splice(0));

it.each([
  ['Temporal is away', refuse('no-temporal'), undefined],
  ['no worker answers', refuse('no-worker', 'progress'), undefined],
  ['the store fails', diskError, diskError.message],
])('An operator’s request while %s is a warning without a stack', async (_when, fault, cause) => {
  error = fault;
  const { status, body } = await gateway.ask('GET', '/api/exports', headers);
  expect(status).toBe(503);
  expect(JSON.stringify(body)).not.toContain('/store/');
  expect(gateway.log).toEqual([
    expect.objectContaining({ level: 40, msg: 'Refused a request.', status: 503, error: body['error'] }),
  ]);
  expect(gateway.log[0]?.['cause']).toBe(cause);
  expect(JSON.stringify(gateway.log)).not.toContain('stack');
});

it('A bug stays an error with its stack', async () => {
  error = new TypeError('x is undefined');
  expect(await gateway.ask('GET', '/api/exports', headers)).toMatchObject({ status: 500 });
  expect(gateway.log).toEqual([
    expect.objectContaining({
      level: 50,
      msg: 'Failed to handle a request.',
      err: expect.objectContaining({ stack: expect.stringContaining('TypeError') }),
    }),
  ]);
});
