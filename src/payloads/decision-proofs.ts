import { readAhead } from '../collections/read-ahead';
import type { Channel, OperatorAction } from '../domain/decision';
import { withoutHash, writeHashedJson, recordHashName } from './hashed-json';
import { decisionProofKey, decisionProofsFolder } from './keys';
import { PayloadNotFound, type PayloadStore } from './payload-store';
import { readJson } from './small-objects';

/** The gateway's record that a decision came with a token. Written before the gateway calls the workflow. */
export interface DecisionProof {
  readonly issueId: string;
  readonly decision: OperatorAction;
  /**
   * The revision that was decided on. For a pause, resume or cancel: the revision that the operator saw, if
   * known.
   */
  readonly revision?: string;
  /** The operator whose token it was. */
  readonly by: string;
  /** Absent in proofs of earlier versions. */
  readonly through?: Channel;
  /** At most 2,000 characters; not truncated further. */
  readonly reason?: string;
  readonly upTo?: number;
  /** The digits of the plan that the operator saw. */
  readonly plan?: string;
  readonly at: string;
  /**
   * The activity that used the proof: `<run id>/<activity id>`. When the operator sends the same request
   * again, the gateway replaces the proof with an unused one.
   */
  readonly usedBy?: string;
}

/** Maximum proofs in one list. */
const maxListed = 1000;
/** Proofs read concurrently. */
const readsAhead = 16;

export async function writeDecisionProof(
  store: PayloadStore,
  record: string,
  decision: DecisionProof,
): Promise<void> {
  await writeHashedJson(store, decisionProofKey(decision.issueId, record), recordHashName, decision);
}

/** @returns undefined when there is no such proof, or when it was changed: it then proves nothing. */
export async function readDecisionProof(
  store: PayloadStore,
  issueId: string,
  record: string,
): Promise<DecisionProof | undefined> {
  try {
    const key = decisionProofKey(issueId, record);
    return withoutHash(key, recordHashName, await readJson<DecisionProof>(store, key));
  } catch (error) {
    if (error instanceof PayloadNotFound) return undefined;
    throw error;
  }
}

/**
 * Lists the newest 1,000 proofs of an issue, oldest first. Skips proofs that can't be read. Reads all of them,
 * because the file names don't sort by time.
 */
export async function listDecisionProofs(store: PayloadStore, issueId: string): Promise<DecisionProof[]> {
  const names = (await store.list(decisionProofsFolder(issueId))).flatMap(
    (name) => /^([0-9a-f]{1,64})\.json$/.exec(name)?.[1] ?? [],
  );
  const read = (name: string): Promise<DecisionProof | undefined> =>
    readDecisionProof(store, issueId, name).catch(() => undefined);
  let newest: DecisionProof[] = [];
  for await (const proof of readAhead(names, readsAhead, read)) {
    if (proof) newest.push(proof);
    if (newest.length === 2 * maxListed) newest = keepNewest(newest); // bounds the memory
  }
  return keepNewest(newest);
}

function keepNewest(proofs: readonly DecisionProof[]): DecisionProof[] {
  return proofs.toSorted((a, b) => (a.at < b.at ? -1 : 1)).slice(-maxListed);
}
