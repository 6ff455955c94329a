import { ConfigError } from '../../src/config/config';
import { loadConfig } from '../../src/config/load-config';
import { findDestinationFaults } from '../../src/labeling/find-destination-faults';
import { createLogger } from '../../src/telemetry/logger';
import { startWorker } from '../../src/worker';
import { aDestination } from '../support/builders';

const mutation =
  'mutation($projectId: ID!, $labelIds: [ID!]) { archive(p: $projectId, ids: $labelIds) { id } }';
const fault =
  'REQUEUE_CONFIG: destination labelbox: The answer to the configured mutation cannot confirm any label, so every label would end as unconfirmed: select a count, a list of ids or a boolean, and name it count, deletedLabelIds or success (with an alias if needed).';

it('A destination with the guide’s mutation, or with one that can confirm, has no fault', () => {
  expect(findDestinationFaults(aDestination())).toEqual([]);
  const confirming = mutation.replace('{ id }', '{ success }');
  expect(findDestinationFaults(aDestination({ mutation: confirming }))).toEqual([]);
});

it('The fault of a mutation names its destination', () => {
  expect(findDestinationFaults(aDestination({ mutation }))).toEqual([fault]);
});

it('A worker does not start with a mutation whose answer cannot confirm, before it calls Temporal', async () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const config = { ...loadConfig(env, 'dev'), destinations: [aDestination({ mutation })] };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const started = startWorker({ config, temporal: { env }, logger });
  await expect(started).rejects.toThrow(ConfigError);
  await expect(started).rejects.toThrow(fault);
});
