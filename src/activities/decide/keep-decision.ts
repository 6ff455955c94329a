import { writeAppliedDecision } from '../../payloads/applied-decisions';
import type { PayloadStore } from '../../payloads/payload-store';
import type { KeepDecisionInput } from '../contracts';
import { toActivityFailure } from '../failures';
import { commonBackOff } from '../retry-delay';

/** An operator may be waiting for the decision to take effect. */
const backOff = { ...commonBackOff, firstMs: 200 };

/** Writes an applied decision beside the plan, so that its sender, time and reason outlast the run. */
export function createKeepDecision({
  store,
}: {
  store: PayloadStore;
}): (input: KeepDecisionInput) => Promise<void> {
  return ({ ref, question, entry }) =>
    toActivityFailure(
      'recording a decision',
      () => writeAppliedDecision(store, ref, question, entry),
      backOff,
    );
}
