import { join } from 'node:path';
import type { Config } from '../../config/config';

/** The file in which `dev` keeps the operator token that it created. */
export function operatorTokenFile(config: Pick<Config, 'storeFolder'>): string {
  return join(config.storeFolder, 'operator-token');
}
