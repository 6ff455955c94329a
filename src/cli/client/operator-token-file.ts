import { join } from 'node:path';
import type { Config } from '../../config/config';

/** Where `dev` keeps the operator token it made. */
export function operatorTokenFile(config: Pick<Config, 'storeFolder'>): string {
  return join(config.storeFolder, 'operator-token');
}
