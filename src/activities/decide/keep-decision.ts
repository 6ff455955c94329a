import { writeAppliedDecision } from '../../payloads/applied-decisions';
import type { PayloadStore } from '../../payloads/payload-store';
import type { KeepDecisionInput } from '../contracts';
import { toActivityFailure } from '../failures';

/** Writes a decision beside the plan: who, when and why outlast the run, however many there are. */
export function createKeepDecision({
  store,
}: {
  store: PayloadStore;
}): (input: KeepDecisionInput) => Promise<void> {
  return ({ ref, question, entry }) =>
    toActivityFailure('keeping a decision', () => writeAppliedDecision(store, ref, question, entry));
}
