import { join } from 'node:path';
import { loadConfig } from '../../config/load-config';
import { startSandbox } from '../../dev/sandbox/start-sandbox';
import { explainPortInUse } from '../../config/explain-port-in-use';
import { untilSignal } from '../until-signal';

/** `requeue sandbox`: runs the labeling sandbox until SIGINT or SIGTERM. */
export async function sandbox(host: string): Promise<void> {
  const config = loadConfig(process.env, 'sandbox');
  const running = await startSandbox({
    ...config.sandbox,
    host,
    file: join(config.storeFolder, 'sandbox', 'ledger.ndjson'),
  }).catch((error: unknown) => {
    throw explainPortInUse(error, 'SANDBOX_PORT');
  });
  process.stdout.write(
    `The labeling sandbox listens at ${running.url}; received calls: ${running.url}/ledger\n`,
  );
  await untilSignal();
  await running.close();
}
