import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { maxElements } from '../../../src/domain/limits';
import { tempFolder } from '../../payloads/temp-folder';
import { runGateway, type GatewayHarness, secret } from '../gateway-harness';

const parent = tempFolder();
let gateway: GatewayHarness;

beforeAll(async () => {
  gateway = await runGateway(parent, { maxBodyBytes: 1024 ** 3 });
});

afterAll(() => gateway.close());

const head = '{"event":"issue-exported","project":"street-scenes","issue":{"id":"huge","elements":[';
const tail = ']}}';
const elementsAtOnce = 1000;

it('The gateway keeps exactly 2,000,000 elements byte for byte, in memory that does not grow with the body', async () => {
  const { status, body, mostBytes, sentBytes, sha256 } = await post(
    maxElements,
    '{"element_id":"1","element_type":"crop"}',
  );
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'accepted', elements: 2_000_000 } });
  expect(gateway.files('deliveries')).toEqual([sha256]);
  expect(gateway.inbox()).toHaveLength(1);
  expect(mostBytes).toBeLessThan(sentBytes);
});

it('The gateway refuses one element more with 413 and a sentence, and keeps nothing of it', async () => {
  const kept = [gateway.files('deliveries'), gateway.inbox()];
  const { status, body } = await post(maxElements + 1, '{}');
  expect({ status, body }).toMatchObject({
    status: 413,
    body: { error: 'too-many-elements', message: expect.stringMatching(/^Payload Too Large: .*2,?000,?000/) },
  });
  expect([gateway.files('deliveries'), gateway.inbox()]).toEqual(kept);
  expect(gateway.files('tmp')).toEqual([]);
});

/**
 * Posts a delivery that is generated while it is sent. `mostBytes` is the growth of this process, which has
 * the gateway, meanwhile.
 */
async function post(elements: number, element: string) {
  const hash = createHash('sha256');
  const before = process.memoryUsage.rss();
  let mostBytes = 0;
  let sentBytes = 0;
  function* chunks() {
    for (const chunk of generateBody(elements, element)) {
      hash.update(chunk);
      sentBytes += chunk.length;
      mostBytes = Math.max(mostBytes, process.memoryUsage.rss() - before);
      yield chunk;
    }
  }
  const answer = await request(`http://127.0.0.1:${gateway.port}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-aquarium-secret': secret },
    body: Readable.from(chunks(), { objectMode: false, highWaterMark: 64 * 1024 }),
  });
  const body = (await answer.body.json()) as Record<string, unknown>;
  return { status: answer.statusCode, body, mostBytes, sentBytes, sha256: hash.digest('hex') };
}

function* generateBody(elements: number, element: string): Generator<Buffer> {
  const batch = Buffer.from(`${element},`.repeat(elementsAtOnce));
  yield Buffer.from(head);
  let left = elements - 1;
  for (; left >= elementsAtOnce; left -= elementsAtOnce) yield batch;
  yield Buffer.from(`${element},`.repeat(left));
  yield Buffer.from(`${element}${tail}`);
}
