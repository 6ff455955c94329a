import { randomBytes } from 'node:crypto';
import { type DecisionProof, writeDecisionProof } from '../../../payloads/decision-proofs';
import type { PayloadStore } from '../../../payloads/payload-store';
import { storing } from '../../http/store-failure';

/**
 * Writes the proof that an operator's token was checked. Without it, the name in a signal is only a claim.
 * @returns the proof's name, which the signal carries as `record`.
 */
export async function writeSignalProof(
  store: PayloadStore,
  request: Omit<DecisionProof, 'at'>,
): Promise<string> {
  const record = randomBytes(16).toString('hex');
  await storing(writeDecisionProof(store, record, { ...request, at: new Date().toISOString() }));
  return record;
}
