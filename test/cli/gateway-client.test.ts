import { apiPath, createGatewayClient } from '../../src/cli/client/gateway-client';
import { WrongUsage } from '../../src/cli/wrong-usage';
import { operatorToken, runGateway } from '../gateway/gateway-harness';
import { tempFolder } from '../payloads/temp-folder';
import { acceptedIds, hostileNames, unprintable } from '../support/hostile-names';
import { Refused, startFakeApi } from './fake-api';

const folder = tempFolder();

it('asks about every accepted issue id, dots and slashes too', async () => {
  const asked: string[] = [];
  const show = async (issueId: string) => {
    asked.push(issueId);
    return undefined;
  };
  const { port, close } = await runGateway(folder, { api: { show } });
  const client = await createGatewayClient({ url: `http://127.0.0.1:${port}`, token: operatorToken });
  for (const id of acceptedIds) await client.get(apiPath(['exports', id])).catch(() => undefined);
  await close();
  expect(asked).toEqual(acceptedIds);
});

it('asks below the path of the gateway’s address', async () => {
  const { options, got } = await startFakeApi({ 'GET /requeue/api/exports?limit=3': {} });
  const client = await createGatewayClient({ ...options, url: `${options.url}/requeue/` });
  await client.get(apiPath(['exports'], { limit: 3, stage: undefined }));
  expect(got).toEqual([
    { line: 'GET /requeue/api/exports?limit=3', authorization: 'Bearer t1', body: undefined },
  ]);
});

it('gives the gateway’s sentence with its status, on one line that obeys nobody', async () => {
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

it('says that what answers is no gateway, and that nobody answers', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports': '<html>hello</html>' });
  await expect((await createGatewayClient(options)).get('/api/exports')).rejects.toThrow(
    /no gateway of Requeue: <html>hello/,
  );
  const nobody = await createGatewayClient({ url: 'http://127.0.0.1:1', token: 't1' });
  await expect(nobody.get('/api/exports')).rejects.toThrow(
    'No gateway answers at http://127.0.0.1:1 (ECONNREFUSED).',
  );
});

it('never shows a token, also one that cannot be sent', async () => {
  const failure = createGatewayClient({ url: 'http://127.0.0.1:1', token: 'secret\nwith a line' });
  await expect(failure).rejects.toThrow(
    'The operator token has a blank or another character that no token has.',
  );
  await expect(createGatewayClient({ url: 'http://ann:secret@127.0.0.1:1', token: 't1' })).rejects.toThrow(
    WrongUsage,
  );
});
