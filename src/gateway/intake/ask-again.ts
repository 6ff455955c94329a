import type { Plan } from '../../domain/plan';
import type { AskedAgain, ExportRequest } from '../../domain/request';
import { type Attempt, listAttempts, listRevisions, nextAttempt } from '../../payloads/attempts';
import { inboxEntriesForIssue, putInboxEntry } from '../../payloads/inbox-entry';
import { attemptFolder } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { cutWithEllipsis } from '../../text/cut';
import type { AgainRequest, Again } from '../api/operator-api';
import { writeSignalProof } from '../api/decide/write-signal-proof';
import type { Dispatcher } from '../dispatch/dispatcher';
import { refuse } from '../http/refusal';
import { newRequest } from './new-request';
import { verifyDelivery } from './replay-delivery';
import type { Stamp } from './stamps';

/** Maximum characters of the reason in a request: signals and inbox entries carry it. */
const maxReason = 300;

interface Deps {
  readonly store: PayloadStore;
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>;
  readonly stamps: () => Promise<Stamp>;
}

/**
 * Exports the delivery of an ended export again. Only what was not done is planned, or everything with `all`. The
 * operator's name and reason become part of the request, of its report and of the decision log.
 *
 * @throws {Refusal} 404 when the issue has no ended export; 409 when an export of the issue is open or held, when
 *   nothing is left to do, or when the delivery, or a plan with its report, was changed; 503 or 507 when the store fails. Nothing has been
 *   created then.
 */
export async function askAgain(
  { store, dispatcher, stamps }: Deps,
  { issueId, by, through, reason, all }: AgainRequest,
): Promise<Again> {
  await refuseIfOpen(store, issueId);
  const attempts = await listAllAttempts(store, issueId);
  const { sha256, revision } = findEnded(attempts, issueId, all);
  const envelope = await verifyDelivery({ store, sha256 });
  const again: AskedAgain = {
    by,
    reason: cutWithEllipsis(reason ?? '', maxReason),
    after: nextAttempt(attempts.filter(({ ref }) => ref.revision === revision)) - 1,
  };
  await writeSignalProof(store, {
    issueId,
    decision: 'again',
    revision,
    by,
    through,
    ...(reason ? { reason } : {}),
  });
  const request = newRequest({ envelope, sha256, force: all, stamp: await stamps(), again });
  await putInboxEntry(store, request, { elements: envelope.elements });
  dispatcher.dispatch(request);
  return toAnswer(request);
}

/** An export is open as long as its request is in the inbox: only its report removes it. */
async function refuseIfOpen(store: PayloadStore, issueId: string): Promise<void> {
  const [entry] = await inboxEntriesForIssue(store, issueId);
  if (!entry) return;
  const { held } = entry.handOver;
  throw held === undefined
    ? refuse('still-open', { issueId, revision: entry.request.revision })
    : refuse('request-held', { issueId, reason: held });
}

/**
 * The newest attempt whose export was not superseded: the one that superseded it is newer. Its plan is enough, so that
 * an operator can ask again after its report was lost.
 */
function findEnded(
  attempts: readonly Attempt[],
  issueId: string,
  all: boolean,
): Pick<Plan, 'sha256' | 'revision'> {
  const ended = attempts
    .filter(({ report }) => report?.outcome !== 'superseded')
    .map((attempt) => ({ ...attempt, about: attempt.report ?? attempt.plan }));
  const unreadable = ended.find(({ about }) => about === undefined);
  if (unreadable) throw refuse('attempt-unreadable', attemptFolder(unreadable.ref));
  const newest = ended.toSorted((a, b) => (a.about!.receivedAt < b.about!.receivedAt ? -1 : 1)).at(-1);
  if (!newest?.about) throw refuse('no-such-report', { issueId });
  const { revision, sha256 } = newest.about;
  if (newest.report?.outcome === 'completed' && !all) throw refuse('nothing-left', { revision });
  return { sha256, revision };
}

async function listAllAttempts(store: PayloadStore, issueId: string): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const revision of await listRevisions(store, issueId))
    attempts.push(...(await listAttempts(store, issueId, revision)));
  return attempts;
}

function toAnswer({ requestId, issueId, revision, force }: ExportRequest): Again {
  const what = force ? 'every label' : 'what was not done';
  const message = `Asked again: revision ${revision} is planned with ${what}, and asked about as before.`;
  return { requestId, issueId, revision, message };
}
