import { exportsFolder, isIssueKey } from './keys';
import type { PayloadStore } from './payload-store';

/** Lists the names of all issues' folders. Skips what people and other programs put into `exports/`. */
export async function listIssueKeys(store: PayloadStore): Promise<string[]> {
  return (await store.list(exportsFolder)).filter(isIssueKey);
}
