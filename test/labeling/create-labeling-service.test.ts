import { createLabelingService } from '../../src/labeling/create-labeling-service';
import { startSandbox } from '../../src/dev/sandbox/start-sandbox';

describe('createLabelingService', () => {
  it('createLabelingService builds the adapter of a destination with its address, key and mutation', async () => {
    const sandbox = await startSandbox({ port: 0, key: 'k' });
    const mutation =
      'mutation($projectId: ID!, $labelIds: [ID!]) { project(where: { id: $projectId }) { bulkDeleteLabels(where: { id_in: $labelIds }) { count } } }';
    const service = createLabelingService({
      name: 'main',
      adapter: 'labelbox',
      address: `${sandbox.url}/graphql`,
      key: 'k',
      mutation,
      inFlight: 1,
      chunkLabels: 100,
      timeoutMs: 5000,
    });
    expect(await service.check()).toEqual([]);
    await service.relabel([{ labelId: 'a' }], { project: 'p', key: 'c' }, new AbortController().signal);
    expect(sandbox.ledger()).toMatchObject([
      { projectId: 'p', labelIds: ['a'], makeTemplates: false, waitForQueue: false },
    ]);
    await service.close();
    await sandbox.close();
  });
});
