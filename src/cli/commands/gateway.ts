import { loadConfig } from '../../config/load-config';
import { explainPortInUse } from '../../config/explain-port-in-use';
import { startGateway } from '../../gateway/start-gateway';
import { createFolderStore } from '../../payloads/folder/folder-store';
import { createLogger } from '../../telemetry/logger';
import { connectClient } from '../../temporal/connection';
import { untilSignal } from '../until-signal';

/** `requeue gateway`: runs the gateway until SIGINT or SIGTERM. */
export async function gateway(): Promise<void> {
  const config = loadConfig(process.env, 'gateway');
  const logger = createLogger({ name: 'gateway' });
  const store = createFolderStore({ folder: config.storeFolder });
  const temporal = connectClient({ env: process.env });
  const running = await startGateway({ config, store, temporal, logger }).catch((error: unknown) => {
    throw explainPortInUse(error, 'PORT');
  });
  logger.info({ port: running.port }, 'The gateway listens.');
  await untilSignal();
  await running.close();
  process.exit(0); // while Temporal is unreachable, a timer of the closed connection would throw
}
