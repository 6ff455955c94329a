import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../payloads/temp-folder';
import { type FakeGateway, requeue, startFakeGateway } from './run-requeue';

const folder = tempFolder();
const file = join(folder, 'body.json');
const text = '{ "event":"issue-exported", "project":"roads", "issue":{"id":"one","name":"Signs","elements":[]}, "size": 1.0 }\n';
writeFileSync(file, text);

const accepted = {
  ...{ status: 'accepted', issueId: 'one', revision: '0123456789ab', requestId: 'r1', workflowId: 'export-issue-one', elements: 3 },
  links: { self: 'http://gateway.example/api/exports/one', temporal: 'http://ui.example/workflows/export-issue-one' },
};
const opened: FakeGateway[] = [];

async function gateway(status: number, answer: object | string): Promise<FakeGateway> {
  const started = await startFakeGateway(status, answer);
  opened.push(started);
  return started;
}

afterEach(async () => {
  for (const started of opened.splice(0)) await started.close();
});

it('posts the file byte for byte and says in words what was accepted', async () => {
  const { url, got } = await gateway(202, accepted);
  const { code, stdout } = await requeue(['send', file, '--url', `${url}/webhook`, '--secret', 's1']);
  expect(code).toBe(0);
  expect(got).toHaveLength(1);
  expect(got[0]).toMatchObject({ line: 'POST /webhook', headers: { 'content-type': 'application/json', 'x-aquarium-secret': 's1' } });
  expect(got[0]?.body.toString()).toBe(text);
  for (const part of ['one', '0123456789ab', '3 elements', accepted.links.temporal]) expect(stdout).toContain(part);
});

it('sends the first of AQ_WEBHOOK_SECRET to the gateway at PORT', async () => {
  const { url, got } = await gateway(202, accepted);
  const { code } = await requeue(['send', file], { PORT: new URL(url).port, AQ_WEBHOOK_SECRET: 'new,old' });
  expect(code).toBe(0);
  expect(got[0]).toMatchObject({ line: 'POST /webhook', headers: { 'x-aquarium-secret': 'new' } });
});

it('sends no secret when none is known', async () => {
  const { url, got } = await gateway(202, accepted);
  await requeue(['send', file, '--url', url]);
  expect(got[0]?.headers).not.toHaveProperty('x-aquarium-secret');
});

it('sends it as another issue, with all else as it was', async () => {
  const { url, got } = await gateway(202, accepted);
  await requeue(['send', file, '--url', url, '--issue', 'two/"2"']);
  const sent = JSON.parse(got[0]?.body.toString() ?? '') as { issue: { id: string; name: string } };
  expect(sent).toMatchObject({ event: 'issue-exported', project: 'roads', issue: { id: 'two/"2"', name: 'Signs', elements: [] } });
});

it('sends it as often as it is told, the same bytes each time', async () => {
  const { url, got } = await gateway(202, accepted);
  const { code } = await requeue(['send', file, '--url', url, '--repeat', '3']);
  expect(code).toBe(0);
  expect(got.map(({ body }) => body.toString())).toEqual([text, text, text]);
});

it('ends with 1 and the gateway’s sentence when it is refused', async () => {
  const { url } = await gateway(401, { error: 'secret-wrong', message: 'Bad Request: the secret is not the one.' });
  const { code, stdout, stderr } = await requeue(['send', file, '--url', url, '--repeat', '3']);
  expect(code).toBe(1);
  expect(stderr.trim()).toBe('401 Bad Request: the secret is not the one.');
  expect(stdout).toBe('');
});

it('shows the message of an answer that starts nothing', async () => {
  const { url } = await gateway(200, { status: 'test', message: 'A test button was pressed.' });
  const { code, stdout } = await requeue(['send', file, '--url', url]);
  expect(code).toBe(0);
  expect(stdout).toContain('A test button was pressed.');
});

it('ends with 1 and a sentence when the file or the gateway is missing', async () => {
  const missing = await requeue(['send', join(folder, 'none.json')]);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('none.json cannot be read (ENOENT)') as string });
  const nobody = await requeue(['send', file, '--url', 'http://127.0.0.1:1/webhook']);
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('No gateway answers at http://127.0.0.1:1/webhook') as string });
});
