import type { AttemptRef } from '../domain/attempt-ref';
import { isShortRevision } from '../domain/revision';
import { listAttemptNumbers, listRevisions } from './attempts';
import { listDecisionProofs } from './decision-proofs';
import {
  attemptFolder,
  isAttemptNumber,
  planKey,
  receiptsFolder,
  reportKey,
  reportName,
  reportNamesFolder,
} from './keys';
import type { PayloadStore } from './payload-store';

/** An attempt whose plan, receipts and report are all gone, although something shows that there was one. */
export interface VanishedAttempt {
  readonly ref: AttemptRef;
  /** What shows it, in words that begin a sentence: `its folder`. */
  readonly shownBy: string;
}

/** Maximum attempts in the result. */
const maxFound = 20;

/**
 * Looks for attempts of an issue without plan, receipts and report. They are shown by what is left in their folder,
 * by a later attempt, by the list of reports in `index/`, or by a decision proof that was used.
 * @param after attempts of `revision` up to this number existed, according to a request.
 */
export async function findVanishedAttempts(
  store: PayloadStore,
  issueId: string,
  { revision, after }: { readonly revision: string; readonly after: number },
): Promise<VanishedAttempt[]> {
  const named = await listNamedAttempts(store, issueId);
  const revisions = await listRevisions(store, issueId);
  const found: VanishedAttempt[] = [];
  for (const each of new Set([...revisions, ...named.keys(), revision])) {
    const known = { names: named.get(each) ?? new Set<number>(), after: each === revision ? after : 0 };
    found.push(...(await findAtRevision(store, { issueId, revision: each }, known, maxFound - found.length)));
  }
  const withFolder = new Set(revisions);
  for (const each of await listDecidedRevisions(store, issueId))
    if (!withFolder.has(each) && !named.has(each) && found.length < maxFound)
      found.push({ ref: { issueId, revision: each, attempt: 1 }, shownBy: 'a decision proof' });
  return found;
}

interface KnownAttempts {
  readonly names: ReadonlySet<number>;
  readonly after: number;
}

async function findAtRevision(
  store: PayloadStore,
  { issueId, revision }: Pick<AttemptRef, 'issueId' | 'revision'>,
  { names, after }: KnownAttempts,
  limit: number,
): Promise<VanishedAttempt[]> {
  const folders = new Set(await listAttemptNumbers(store, issueId, revision));
  const last = Math.max(after, ...folders, ...names);
  const found: VanishedAttempt[] = [];
  for (let attempt = 1; attempt <= last && found.length < limit; attempt += 1) {
    const ref = { issueId, revision, attempt };
    if (folders.has(attempt)) {
      const left = await listWhatIsLeft(store, ref);
      if (left) found.push({ ref, shownBy: left });
    } else {
      const shownBy = names.has(attempt) ? 'the list of reports' : 'a later attempt or request';
      found.push({ ref, shownBy });
    }
  }
  return found;
}

/** @returns undefined when the folder has a plan, a report or receipts. */
async function listWhatIsLeft(store: PayloadStore, ref: AttemptRef): Promise<string | undefined> {
  const folder = attemptFolder(ref);
  const names = await store.list(folder);
  const counts = [planKey(ref), reportKey(ref), receiptsFolder(ref).slice(0, -1)];
  if (names.some((name) => counts.includes(`${folder}${name}`))) return undefined;
  return names.length === 0 ? 'its empty folder' : `${names.slice(0, 3).join(', ')} in its folder`;
}

/** The attempts that had a report, by revision. Empty when `index/` was deleted. */
async function listNamedAttempts(store: PayloadStore, issueId: string): Promise<Map<string, Set<number>>> {
  const prefix = reportName({ issueId, revision: '0'.repeat(12), attempt: 1 }).slice(0, -14);
  const named = new Map<string, Set<number>>();
  for (const name of await store.list(reportNamesFolder)) {
    if (!name.startsWith(prefix)) continue;
    const [revision = '', attempt = ''] = name.slice(prefix.length).split('.');
    if (!isShortRevision(revision) || !isAttemptNumber(attempt)) continue;
    named.set(revision, (named.get(revision) ?? new Set()).add(Number(attempt)));
  }
  return named;
}

/** A proof is used only for a question, and a question is about a plan. */
async function listDecidedRevisions(store: PayloadStore, issueId: string): Promise<Set<string>> {
  const proofs = await listDecisionProofs(store, issueId);
  return new Set(
    proofs.flatMap(({ decision, revision, usedBy }) =>
      decision === 'approve' && usedBy !== undefined && revision !== undefined ? [revision] : [],
    ),
  );
}
