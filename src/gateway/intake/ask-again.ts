import type { Plan } from '../../domain/plan';
import type { AskedAgain, ExportRequest } from '../../domain/request';
import { type Attempt, listAttempts, listRevisions, nextAttempt } from '../../payloads/attempts';
import { inboxEntriesForIssue, putInboxEntry } from '../../payloads/inbox-entry';
import { type Asking, findAnswer, keepFirstAsking } from '../../payloads/first-asking';
import { attemptFolder, deliveriesFolder, inboxKey } from '../../payloads/keys';
import type { PayloadStore } from '../../payloads/payload-store';
import { objectExists } from '../../payloads/small-objects';
import { readSentMark, readUnchangedReceipt, receiptFiles } from '../../payloads/receipts';
import { type Outcome, whatToAskAgain } from '../../domain/stage';
import type { AttemptRef } from '../../domain/attempt-ref';
import { cutWithEllipsis } from '../../text/cut';
import { requireReason } from '../api/api-input';
import type { AgainRequest, Again } from '../api/operator-api';
import { writeSignalProof } from '../api/decide/write-signal-proof';
import type { Dispatcher } from '../dispatch/dispatcher';
import { refuse } from '../http/refusal';
import { describeAsked } from '../http/refusals';
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
 * operator's name and reason become part of the request, of its report and of the decision log. Of several operators
 * who ask at the same time, the first one counts.
 *
 * @throws {Refusal} 400 without a reason, if a completed export is sent again; 404 when the issue has no ended
 *   export; 409 when an export of the issue is open or held, when
 *   nothing is left to do, when another operator's asking came first, when the delivery was changed, or, without
 *   `all`, when a plan and its report can't be read; 503 or 507 when the store fails. If the asking was kept then, the next one starts its export.
 */
export async function askAgain(deps: Deps, asked: AgainRequest): Promise<Again> {
  const { store, stamps } = deps;
  const { issueId, by, all } = asked;
  const attempts = await listAllAttempts(store, issueId); // before the inbox, which has the request of an open one
  await refuseIfOpen(store, issueId);
  const { sha256, revision } = await findEnded(store, attempts, asked);
  const envelope = await verifyDelivery({ store, sha256 });
  const after = nextAttempt(attempts.filter(({ ref }) => ref.revision === revision)) - 1;
  await writeProof(store, asked, revision);
  const again: AskedAgain = { by, reason: cutWithEllipsis(asked.reason ?? '', maxReason), after };
  const request = newRequest({ envelope, sha256, force: all, stamp: await stamps(), again });
  const first = await enterFirst(deps, { version: 1, request, elements: envelope.elements }, after);
  if (!isSameAsking(first, request)) throw refuse('still-open', first);
  return toAnswer(first);
}

async function writeProof(
  store: PayloadStore,
  { issueId, by, through, reason }: AgainRequest,
  revision: string,
): Promise<void> {
  const proof = { issueId, decision: 'again', revision, by, through } as const;
  await writeSignalProof(store, { ...proof, ...(reason ? { reason } : {}) });
}

/** @returns the request that counts: of the first operator who asked after the attempt. */
async function enterFirst(
  { store, dispatcher }: Deps,
  asking: Asking,
  after: number,
): Promise<ExportRequest> {
  const { issueId, revision } = asking.request;
  const first = await keepFirstAsking(store, { issueId, revision, attempt: after }, asking);
  const { request, elements } = first;
  if (first !== asking && (await findAnswer(store, request))) return request;
  // the gateway of an earlier asking may have stopped here; an entry that exists keeps its run id
  if (!(await objectExists(store, inboxKey(request.requestId))))
    await putInboxEntry(store, request, { elements });
  dispatcher.dispatch(request);
  return request;
}

/** An operator who repeats an asking, for example after a lost answer, gets the answer to the first one. */
function isSameAsking(a: ExportRequest, b: ExportRequest): boolean {
  return a.again?.by === b.again?.by && a.force === b.force;
}

/** An export is open as long as its request is in the inbox: only its report removes it. */
async function refuseIfOpen(store: PayloadStore, issueId: string): Promise<void> {
  const [entry] = await inboxEntriesForIssue(store, issueId);
  if (!entry) return;
  const { held } = entry.handOver;
  throw held === undefined
    ? refuse('still-open', entry.request)
    : refuse('request-held', { issueId, reason: held });
}

/**
 * The newest attempt whose export was not superseded: the one that superseded it is newer. Its plan is enough, so that
 * an operator can ask again after its report was lost. Both have the clamped `receivedAt`; a plan has the one from
 * before a later request moved it. Without both, only everything can be asked for: it is unknown what was done.
 */
async function findEnded(
  store: PayloadStore,
  attempts: readonly Attempt[],
  { issueId, all, reason }: AgainRequest,
): Promise<Pick<Plan, 'sha256' | 'revision'>> {
  const ended: Ended[] = [];
  for (const attempt of attempts)
    if (attempt.report?.outcome !== 'superseded') ended.push(await describeEnded(store, attempt));
  const unreadable = ended.find(({ sha256 }) => sha256 === undefined);
  if (unreadable && !all) throw refuse('attempt-unreadable', attemptFolder(unreadable.ref));
  const newest = ended.toSorted((a, b) => (a.since < b.since ? -1 : 1)).at(-1);
  if (!newest) throw refuse('no-such-report', { issueId });
  const { revision } = newest.ref;
  if (newest.outcome && whatToAskAgain(newest.outcome) === 'all') {
    if (!all) throw refuse('nothing-left', { revision });
    requireReason(reason, 'every label of a completed export is sent again');
  }
  const sha256 = newest.sha256 ?? (await findDelivery(store, revision));
  if (sha256 === undefined) throw refuse('delivery-unknown', attemptFolder(newest.ref));
  return { sha256, revision };
}

interface Ended {
  readonly ref: AttemptRef;
  /** Undefined when neither the plan nor the report can be read. */
  readonly sha256: string | undefined;
  readonly outcome?: Outcome;
  /** When its request was received. Without plan and report, when its first label was sent; empty when unknown. */
  readonly since: string;
}

async function describeEnded(store: PayloadStore, { ref, plan, report }: Attempt): Promise<Ended> {
  const about = report ?? plan;
  if (!about) return { ref, sha256: undefined, since: await findFirstCall(store, ref) };
  const { sha256, receivedAt } = about;
  return { ref, sha256, since: receivedAt, ...(report ? { outcome: report.outcome } : {}) };
}

/** @returns ISO 8601, or the empty string when nothing shows a call. */
async function findFirstCall(store: PayloadStore, ref: AttemptRef): Promise<string> {
  for (const file of await receiptFiles(store, ref)) {
    const sent =
      file.kind === 'sent'
        ? await readSentMark(store, ref, file)
        : await readUnchangedReceipt(store, ref, file);
    if (sent) return sent.sentAt;
  }
  return '';
}

/** A revision is the beginning of its delivery's sha256. */
async function findDelivery(store: PayloadStore, revision: string): Promise<string | undefined> {
  const found = (await store.list(deliveriesFolder)).filter((name) => name.startsWith(revision));
  return found.length === 1 ? found[0] : undefined;
}

async function listAllAttempts(store: PayloadStore, issueId: string): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const revision of await listRevisions(store, issueId))
    attempts.push(...(await listAttempts(store, issueId, revision)));
  return attempts;
}

function toAnswer({ requestId, issueId, revision, force }: ExportRequest): Again {
  const message = `Asked again: revision ${revision} is planned with ${describeAsked(force)}. The route’s policy decides again whether an operator is asked.`;
  return { requestId, issueId, revision, message };
}
