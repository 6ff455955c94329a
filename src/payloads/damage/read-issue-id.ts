import { folderOfIssueKey, issueIdOfKey, issueKey } from '../keys';
import type { PayloadStore } from '../payload-store';
import { reportHeadsIn } from '../report-head';
import { readJson } from '../small-objects';

/**
 * Finds the id of the issue that a folder in `exports/` belongs to. If the folder's name is a hash, the plans and
 * reports in it have the id.
 * @param key the folder's name.
 * @returns undefined when nothing that can be read has the id.
 */
export async function readIssueId(store: PayloadStore, key: string): Promise<string | undefined> {
  const issueId = issueIdOfKey(key);
  if (issueId !== undefined) return issueId;
  const folder = folderOfIssueKey(key);
  const [head] = await reportHeadsIn(store, folder);
  if (head) return head.issueId;
  for (const revision of await store.list(folder))
    for (const attempt of await store.list(`${folder}${revision}/`)) {
      const plan = await readJson<{ issueId?: unknown } | null>(
        store,
        `${folder}${revision}/${attempt}/plan.json`,
      ).catch(() => null);
      if (typeof plan?.issueId === 'string' && issueKey(plan.issueId) === key) return plan.issueId;
    }
  return undefined;
}
