import { apiPath, createGatewayClient } from '../../../src/cli/client/gateway-client';
import { WrongUsage } from '../../../src/cli/wrong-usage';
import { operatorToken, runGateway } from '../../gateway/gateway-harness';
import { tempFolder } from '../../payloads/temp-folder';
import { acceptedIds, hostileNames, unprintable } from '../../support/hostile-names';
import { Refused, startFakeApi } from '../fake-api';

const folder = tempFolder();

it('The client sends every accepted issue id as one path part, dots and slashes too', async () => {
  const received: string[] = [];
  const show = async (issueId: string) => {
    received.push(issueId);
    return undefined;
  };
  const { port, close } = await runGateway(folder, { api: { show } });
  const client = await createGatewayClient({ url: `http://127.0.0.1:${port}`, token: operatorToken });
  for (const id of acceptedIds) await client.get(apiPath(['exports', id])).catch(() => undefined);
  await close();
  expect(received).toEqual(acceptedIds);
});

it('The client calls paths below the path of the gateway’s address', async () => {
  const { options, got } = await startFakeApi({ 'GET /requeue/api/exports?limit=3': {} });
  const client = await createGatewayClient({ ...options, url: `${options.url}/requeue/` });
  await client.get(apiPath(['exports'], { limit: 3, stage: undefined }));
  expect(got).toEqual([
    { line: 'GET /requeue/api/exports?limit=3', authorization: 'Bearer t1', body: undefined },
  ]);
});

it('A refusal becomes one printable line with its status and the gateway’s sentence', async () => {
  for (const { text } of hostileNames) {
    const { options } = await startFakeApi({ 'GET /api/exports': new Refused(409, `Conflict: ${text}.`) });
    const failure = await (
      await createGatewayClient(options)
    )
      .get('/api/exports')
      .catch((error: unknown) => error);
    expect((failure as Error).message).toMatch(/^409 Conflict: /);
    expect((failure as Error).message).not.toMatch(unprintable);
  }
});

it('The client reports a server that is not a gateway, and a server that does not answer', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports': '<html>hello</html>' });
  await expect((await createGatewayClient(options)).get('/api/exports')).rejects.toThrow(
    /is not a Requeue gateway: <html>hello/,
  );
  const closed = await createGatewayClient({ url: 'http://127.0.0.1:1', token: 't1' });
  await expect(closed.get('/api/exports')).rejects.toThrow(
    'No gateway answers at http://127.0.0.1:1 (ECONNREFUSED).',
  );
});

it('An error never shows a token, also one that cannot be sent', async () => {
  const failure = createGatewayClient({ url: 'http://127.0.0.1:1', token: 'secret\nwith a line' });
  await expect(failure).rejects.toThrow(
    'The operator token has a space or another invalid character: expected visible ASCII characters.',
  );
  await expect(createGatewayClient({ url: 'http://ann:secret@127.0.0.1:1', token: 't1' })).rejects.toThrow(
    WrongUsage,
  );
});
