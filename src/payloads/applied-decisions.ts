import type { AttemptRef } from '../domain/attempt-ref';
import type { DecisionEntry } from '../domain/decision-log';
import { withoutHash, writeHashedJson, recordHashName } from './hashed-json';
import { appliedDecisionsFolder } from './keys';
import { PayloadIsFolder, type PayloadStore } from './payload-store';
import { readJson } from './small-objects';

/**
 * Writes `decisions/<time>-<question>.json`. The time has 17 digits, so the names sort by time. Idempotent:
 * the same decision always gets the same name.
 */
export async function writeAppliedDecision(
  store: PayloadStore,
  ref: AttemptRef,
  question: number,
  entry: DecisionEntry,
): Promise<void> {
  const name = `${entry.at.replace(/\D/g, '')}-${question}.json`;
  await writeHashedJson(store, `${appliedDecisionsFolder(ref)}${name}`, recordHashName, entry);
}

/**
 * Reads an attempt's applied decisions, oldest first. A changed or truncated file becomes an entry with the
 * file's name. It hides no other decision and blocks no report.
 */
export async function readAppliedDecisions(store: PayloadStore, ref: AttemptRef): Promise<DecisionEntry[]> {
  const names = (await store.list(appliedDecisionsFolder(ref))).filter((name) =>
    /^\d{17}-\d{1,9}\.json$/.test(name),
  );
  const entries: DecisionEntry[] = [];
  for (const name of names.sort())
    entries.push(await readDecision(store, `${appliedDecisionsFolder(ref)}${name}`));
  return entries;
}

async function readDecision(store: PayloadStore, key: string): Promise<DecisionEntry> {
  const read = await readJson<Partial<DecisionEntry> | null>(store, key).catch((error: unknown) => {
    const isChanged =
      error instanceof PayloadIsFolder || (error instanceof Error && error.cause instanceof SyntaxError);
    if (isChanged) return null;
    throw error;
  });
  const entry =
    typeof read === 'object' && read !== null ? withoutHash(key, recordHashName, read) : undefined;
  const isComplete =
    typeof entry?.upTo === 'number' && typeof entry.who === 'string' && typeof entry.at === 'string';
  return isComplete
    ? (entry as DecisionEntry)
    : { upTo: 0, who: `${key.slice(key.lastIndexOf('/') + 1)} was changed or truncated`, at: '' };
}
