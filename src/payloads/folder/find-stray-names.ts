import { constants, type Dirent } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clock } from '../../clock/clock';
import { isShortRevision } from '../../domain/revision';
import { isStrayCopy } from '../damage/is-stray-copy';
import { isAttemptNumber, isIssueKey, requestFileName } from '../keys';
import { isDenied } from '../skip-denied';
import { createFolderStore } from './folder-store';

/** A name in the store that Requeue did not create. */
export interface StrayName {
  /** Below the store's folder, e.g. `exports/Backup.2026`. */
  readonly path: string;
  /**
   * - `unknown`: Requeue ignores it. `folder-for-file`: Requeue cannot read or write the file of this name.
   * - `unreadable`: a file or folder with a name of Requeue's that cannot be read.
   * - `copy`: an issue's folder whose files name another issue.
   */
  readonly kind: 'unknown' | 'folder-for-file' | 'unreadable' | 'copy';
}

/** The names that Requeue creates in a folder. To add a file to the store, add its name. */
interface Level {
  readonly files?: RegExp;
  readonly folders?: readonly (readonly [isName: (name: string) => boolean, level: Level])[];
}

const is =
  (...expected: readonly string[]) =>
  (name: string): boolean =>
    expected.includes(name);

/** One file for each request. */
const requestFiles: Level = { files: requestFileName };
const attempt: Level = {
  files:
    /^(?:plan\.json|labels\.ndjson|labels\.index|left-out\.ndjson|report\.json|report\.csv|lost\.json|again-\d{1,9}\.json|notices\.ndjson)$/,
  folders: [
    [is('receipts'), { files: /^\d+-\d+\.(?:sent|json|refusal\.json)$/ }],
    [is('decisions'), { files: /^\d{17}-\d{1,9}\.json$/ }],
    [is('requests'), requestFiles],
  ],
};
const issue: Level = {
  folders: [
    [is('decisions'), { files: /^[0-9a-f]{1,64}\.json$/ }],
    [is('dropped'), requestFiles],
    [isShortRevision, { folders: [[isAttemptNumber, attempt]] }],
  ],
};
const levels: Readonly<Record<string, Level>> = {
  deliveries: { files: /^[0-9a-f]{64}$/ },
  inbox: requestFiles,
  destinations: { folders: [[isIssueKey, { files: /^(?:paused|wait)\.json$/ }]] },
  exports: { folders: [[isIssueKey, issue]] },
};

/** Folders listed concurrently. */
const concurrency = 16;

/**
 * Lists the folders that Requeue reads. Files beside them, in the store's own folder, are not checked.
 * @param folder the store's folder.
 * @param untilMs stops then (ms since 1970), because a store may have a million folders.
 */
export async function findStrayNames(folder: string, untilMs: number): Promise<StrayName[]> {
  const found: StrayName[] = [];
  const left = Object.entries(levels).map(([path, level]) => ({ path, level }));
  while (left.length > 0 && clock.now() < untilMs) {
    const batch = left.splice(-concurrency).map(({ path, level }) => listLevel(folder, path, level));
    for (const { strays, below } of await Promise.all(batch)) {
      found.push(...strays);
      left.push(...below);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Listed {
  readonly strays: StrayName[];
  readonly below: { readonly path: string; readonly level: Level }[];
}

async function listLevel(folder: string, path: string, level: Level): Promise<Listed> {
  const listed: Listed = { strays: [], below: [] };
  try {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      const name = `${path}/${entry.name}`;
      const isFolder = await isFolderOrLink(join(folder, name), entry);
      const below = isFolder && level.folders?.find(([isName]) => isName(entry.name))?.[1];
      const isFile = level.files?.test(entry.name) === true;
      if (below === issue && (await isCopyIn(folder, entry.name)))
        listed.strays.push({ path: name, kind: 'copy' });
      else if (below) listed.below.push({ path: name, level: below });
      else if (isFolder || !isFile)
        listed.strays.push({ path: name, kind: isFolder && isFile ? 'folder-for-file' : 'unknown' });
      else if (!(await isReadable(join(folder, name))))
        listed.strays.push({ path: name, kind: 'unreadable' });
    }
  } catch (error) {
    // Requeue creates a folder when it first needs it, and an export may end meanwhile
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      return { strays: [{ path, kind: 'unreadable' }], below: [] };
  }
  return listed;
}

/** What cannot be read is named when it is listed. */
async function isCopyIn(folder: string, key: string): Promise<boolean> {
  return isStrayCopy(createFolderStore({ folder }), key).catch(() => false);
}

/** True for a file that is gone: an export may have ended meanwhile. */
async function isReadable(path: string): Promise<boolean> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK).then(
    (file) => file.close().then(() => true),
    (error: unknown) => !isDenied(error),
  );
}

/** An operator may have moved a folder to another disk and left a link. */
async function isFolderOrLink(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
}
