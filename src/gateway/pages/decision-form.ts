import { parseDecision, parseReasonField } from '../api/api-input';
import type { Decided, DecisionRequest } from '../api/operator-api';
import type { FlashName } from './flash-message';

type Form = Readonly<Record<string, string>>;
type FormDecision = Pick<DecisionRequest, 'decision' | 'revision' | 'reason' | 'upTo' | 'plan'>;

/**
 * Parses a decision from form fields, with the API's rules.
 * @throws {Refusal} 400 when a field is invalid.
 */
export function parseDecisionForm({ upTo = '', ...fields }: Form): FormDecision {
  const digits = upTo.trim();
  return parseDecision({
    ...fields,
    upTo: digits === '' ? undefined : /^\d{1,9}$/.test(digits) ? Number(digits) : NaN,
  });
}

/** @throws {Refusal} 400 when the reason is too long. */
export function parseReasonForm({ reason }: Form): string | undefined {
  return parseReasonField({ reason });
}

export function flashName({ result }: Decided, { decision, upTo }: FormDecision): FlashName {
  if (result !== 'answered') return result;
  if (decision === 'reject') return 'rejected';
  return upTo === undefined ? 'approved' : 'approved-part';
}
