import { folderOfIssueKey, issueKey } from '../keys';
import type { PayloadStore } from '../payload-store';
import { readLines } from '../read-lines';
import { labelsLine, reportKeysIn } from '../report-head';
import { readJson } from '../small-objects';

/** A plan or the head of a report, as far as it says where it belongs. */
type Place = Readonly<Partial<Record<'issueId' | 'revision' | 'attempt', unknown>>> | null;

/**
 * Whether a folder in `exports/` is another issue's folder that a person copied or renamed: every plan and report in
 * it is in the right revision and attempt, but names another issue. A file that was swapped with one of another issue
 * has another revision.
 * @param key the folder's name.
 */
export async function isStrayCopy(store: PayloadStore, key: string): Promise<boolean> {
  let isCopied = false;
  for (const reportKey of await reportKeysIn(store, folderOfIssueKey(key))) {
    const planKey = reportKey.replace(/report\.json$/, 'plan.json');
    for (const place of [await readPlan(store, planKey), await readReport(store, reportKey)]) {
      if (!place) continue;
      if (!isOfOtherIssue(place, key, reportKey)) return false;
      isCopied = true;
    }
  }
  return isCopied;
}

function isOfOtherIssue(
  { issueId, revision, attempt }: NonNullable<Place>,
  key: string,
  at: string,
): boolean {
  return (
    typeof issueId === 'string' &&
    issueKey(issueId) !== key &&
    at.endsWith(`/${String(revision)}/${String(attempt)}/report.json`)
  );
}

/** @returns null when the file is missing or cannot be read. */
async function readPlan(store: PayloadStore, key: string): Promise<Place> {
  return readJson<Place>(store, key).catch(() => null);
}

/** Checks no hash. @returns null when the file is missing or cannot be read. */
async function readReport(store: PayloadStore, key: string): Promise<Place> {
  const lines: string[] = [];
  try {
    for await (const line of readLines(store.read(key))) {
      if (line === labelsLine) return JSON.parse(`${lines.join('\n')}"labels":[]}`) as Place;
      if (lines.push(line) > 100) return null; // longer than any head
    }
  } catch {
    // what cannot be read says nothing
  }
  return null;
}
