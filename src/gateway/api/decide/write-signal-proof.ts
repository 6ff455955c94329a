import { clock, nowIso } from '../../../clock/clock';
import { type DecisionProof, writeDecisionProof } from '../../../payloads/decision-proofs';
import type { PayloadStore } from '../../../payloads/payload-store';
import { withinMs } from '../../../temporal/within-ms';
import { storing } from '../../http/store-failure';

/**
 * In ms. An operator wants to stop an export and waits for the answer. A healthy store needs a few ms; a hung
 * network drive never answers.
 */
const stopMs = 3000;

/**
 * Writes the proof that an operator's token was checked. Without it, the name in a signal is only a claim.
 * @returns the proof's name, which the signal carries as `record`.
 */
export async function writeSignalProof(
  store: PayloadStore,
  request: Omit<DecisionProof, 'at'>,
): Promise<string> {
  const record = clock.randomHex(16);
  await storing(writeDecisionProof(store, record, { ...request, at: nowIso() }));
  return record;
}

/**
 * Like `writeSignalProof`, for a pause or a cancel: a store that fails or hangs must not prevent a stop.
 * @param onFailure called with the store's error, or with the time-out after 3 s.
 * @returns undefined when the proof is not written. The name in the signal is then only a claim.
 */
export async function tryWriteSignalProof(
  store: PayloadStore,
  request: Omit<DecisionProof, 'at'>,
  onFailure: (error: unknown) => void,
): Promise<string | undefined> {
  const late = () => new Error(`The store did not answer within ${stopMs / 1000} s.`);
  try {
    return await withinMs(stopMs, late, () => writeSignalProof(store, request));
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}
