import type { OperatorAction } from '../domain/decision';
import { decisionProofKey, decisionProofsFolder } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readJson, writeJson } from './small-objects';

/** What the gateway wrote down after its operator showed a token, and before the workflow was asked. */
export interface DecisionProof {
  readonly issueId: string;
  readonly decision: OperatorAction;
  /** The revision that is decided; of the others the one that was shown, where it is known. */
  readonly revision?: string;
  /** The operator whose token was shown. */
  readonly by: string;
  /** Whole, at most 2,000 characters. */
  readonly reason?: string;
  readonly upTo?: number;
  readonly at: string;
  /** What used it as its proof: `<run id>/<activity id>`. Written down again, with a token, it is as new. */
  readonly usedBy?: string;
}

/** Records that are read at once, at most: the newest by name's order are not known before, so a folder is read whole up to this. */
const readAtMost = 1000;

export async function writeDecisionProof(
  store: PayloadStore,
  record: string,
  decision: DecisionProof,
): Promise<void> {
  await writeJson(store, decisionProofKey(decision.issueId, record), decision);
}

/** The record, or undefined when there is none. */
export async function readDecisionProof(
  store: PayloadStore,
  issueId: string,
  record: string,
): Promise<DecisionProof | undefined> {
  try {
    return await readJson<DecisionProof>(store, decisionProofKey(issueId, record));
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}

/** All records of an issue, oldest first. One that cannot be read hides no other. */
export async function listDecisionProofs(store: PayloadStore, issueId: string): Promise<DecisionProof[]> {
  const names = (await store.list(decisionProofsFolder(issueId))).flatMap(
    (name) => /^([0-9a-f]{1,64})\.json$/.exec(name)?.[1] ?? [],
  );
  const records: DecisionProof[] = [];
  for (const name of names.slice(0, readAtMost)) {
    const record = await readDecisionProof(store, issueId, name).catch(() => undefined);
    if (record) records.push(record);
  }
  return records.sort((a, b) => (a.at < b.at ? -1 : 1));
}
