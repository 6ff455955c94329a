import type { TemporalClient } from '../../gateway/start-gateway';

/** The options that a `temporal` command needs for this server and namespace; empty for its defaults. */
export function temporalFlags({
  connection,
  namespace,
}: Pick<TemporalClient, 'connection' | 'namespace'>): string {
  const { address } = connection.options;
  const isDefault = ['127.0.0.1:7233', 'localhost:7233'].includes(address);
  return `${isDefault ? '' : ` --address ${address}`}${namespace === 'default' ? '' : ` --namespace ${namespace}`}`;
}
