import type { TemporalClient } from '../../gateway/start-gateway';

/** What a command of the `temporal` program needs to reach the same server and namespace; nothing for the usual ones. */
export function temporalFlags({
  connection,
  namespace,
}: Pick<TemporalClient, 'connection' | 'namespace'>): string {
  const { address } = connection.options;
  const usual = ['127.0.0.1:7233', 'localhost:7233'].includes(address);
  return `${usual ? '' : ` --address ${address}`}${namespace === 'default' ? '' : ` --namespace ${namespace}`}`;
}
