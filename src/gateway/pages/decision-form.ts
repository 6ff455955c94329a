import { decisionOf, reasonOf } from '../api/api-input';
import type { Decided, DecisionWish } from '../api/operator-api';
import type { Said } from './said';

type Form = Readonly<Record<string, string>>;
type Decision = Pick<DecisionWish, 'decision' | 'revision' | 'reason' | 'upTo'>;

/** A decision from the fields of its form: the same rules as the API's. @throws {Refusal} 400 */
export function decisionOfForm({ decision, revision, reason, upTo }: Form): Decision {
  return decisionOf({ decision, revision, reason, ...(upTo === undefined || upTo.trim() === '' ? {} : { upTo: Number(upTo) }) });
}

/** @throws {Refusal} 400 */
export function reasonOfForm({ reason }: Form): string | undefined {
  return reasonOf({ reason });
}

export function saidOf({ result }: Decided, { decision, upTo }: Decision): Said {
  if (result !== 'answered') return result;
  if (decision === 'reject') return 'rejected';
  return upTo === undefined ? 'approved' : 'approved-part';
}
