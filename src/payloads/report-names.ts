import { cacheAsync } from '../collections/cache-async';
import { folderOfIssueKey, isReportName, nameOfReportKey, reportNameKey, reportNamesFolder } from './keys';
import { listIssueKeys } from './list-issue-keys';
import { PayloadIsFolder, type PayloadStore } from './payload-store';
import { reportKeysIn } from './report-head';
import { isDenied, skipDenied } from './skip-denied';
import { objectExists, writeBytes } from './small-objects';

/** Issue folders listed concurrently. In the background, few: a find needs the threads of the file system too. */
const concurrency = { foreground: 16, background: 2 };
/** In ms. How often the folders are compared with the names: only a person adds a report without its name. */
const scanEveryMs = 600_000;

/** The names of all reports in the store. One folder has them, so listing 10,000 takes milliseconds. */
export interface ReportNames {
  /** Also starts a scan in the background, if the last one is ten minutes ago. */
  list(): Promise<string[]>;
  /** Adds the names that are missing, then lists. Lists the folder of every issue. */
  scan(): Promise<string[]>;
}

/** The worker records each report that it has written. Idempotent. */
export async function recordReportName(store: PayloadStore, name: string): Promise<void> {
  await writeBytes(store, reportNameKey(name), '');
}

export function createReportNames(store: PayloadStore): ReportNames {
  const list = async (): Promise<string[]> => (await store.list(reportNamesFolder)).filter(isReportName);
  const scan = async (lists: number): Promise<string[]> => {
    const recorded = await list();
    const record = (name: string): Promise<void> => recordReportName(store, name);
    return [...recorded, ...(await findReportNames(store, lists, new Set(recorded), record))];
  };
  const scanInBackground = cacheAsync(
    () => scan(concurrency.background),
    () => scanEveryMs,
  );
  return {
    async list() {
      const names = await list();
      if (names.length === 0) return scan(concurrency.foreground); // the folder is missing
      scanInBackground().catch(() => undefined); // the next call retries
      return names;
    },
    scan: () => scan(concurrency.foreground),
  };
}

/**
 * Lists the folder of every issue for reports, except those named.
 * @param lists issue folders listed concurrently.
 */
export async function findReportNames(
  store: PayloadStore,
  lists = concurrency.foreground,
  except: ReadonlySet<string> = new Set(),
  onFound: (name: string) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const found: string[] = [];
  const folders = (await listIssueKeys(store)).values();
  const scanFolders = async (): Promise<void> => {
    for (const folder of folders)
      for (const key of (await skipDenied(reportKeysIn(store, folderOfIssueKey(folder)))) ?? []) {
        const name = nameOfReportKey(key);
        if (except.has(name) || !(await isFile(store, key))) continue;
        found.push(name);
        await onFound(name);
      }
  };
  await Promise.all(Array.from({ length: lists }, scanFolders)); // all share one iterator
  return found;
}

/** False for a folder with the name of a report, which a person may have created. */
async function isFile(store: PayloadStore, key: string): Promise<boolean> {
  return objectExists(store, key).catch((error: unknown) => {
    if (error instanceof PayloadIsFolder || isDenied(error)) return false;
    throw error;
  });
}
