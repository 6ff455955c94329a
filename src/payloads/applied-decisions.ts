import type { AttemptRef } from '../domain/attempt-ref';
import type { DecisionEntry } from '../domain/decision-log';
import { appliedDecisionsFolder } from './keys';
import type { PayloadStore } from './payload-store';
import { readJson, writeJson } from './small-objects';

/** `decisions/<time>-<question>.json`: the time in 17 digits, so that names sort by it. The same decision again is the same file. */
export async function writeAppliedDecision(
  store: PayloadStore,
  ref: AttemptRef,
  question: number,
  entry: DecisionEntry,
): Promise<void> {
  await writeJson(
    store,
    `${appliedDecisionsFolder(ref)}${entry.at.replace(/\D/g, '')}-${question}.json`,
    entry,
  );
}

/** The decisions of an attempt, oldest first. One that was changed or cut off is told as such: it hides no other, and keeps up no report. */
export async function readAppliedDecisions(store: PayloadStore, ref: AttemptRef): Promise<DecisionEntry[]> {
  const names = (await store.list(appliedDecisionsFolder(ref))).filter((name) =>
    /^\d{17}-\d{1,9}\.json$/.test(name),
  );
  const entries: DecisionEntry[] = [];
  for (const name of names.sort())
    entries.push(await readOne(store, `${appliedDecisionsFolder(ref)}${name}`));
  return entries;
}

async function readOne(store: PayloadStore, key: string): Promise<DecisionEntry> {
  const entry = await readJson<Partial<DecisionEntry> | null>(store, key).catch((error: unknown) => {
    if (error instanceof Error && error.cause instanceof SyntaxError) return null;
    throw error;
  });
  const isWhole =
    typeof entry?.upTo === 'number' && typeof entry.who === 'string' && typeof entry.at === 'string';
  return isWhole
    ? (entry as DecisionEntry)
    : { upTo: 0, who: `${key.slice(key.lastIndexOf('/') + 1)} was changed or cut off`, at: '' };
}
