import { type LeftOut, type Plan, type PlannedLabel, problemReasons } from '../domain/plan';
import type { ItemOutcomeKind, LabelCounts, Receipt } from '../domain/receipt';
import type { Outcome } from '../domain/stage';
import { removeInboxEntry } from '../payloads/inbox-entry';
import { type AttemptRef, labelsKey, leftOutKey, planKey, receiptKey, reportCsvKey, reportKey } from '../payloads/keys';
import type { PayloadStore } from '../payloads/payload-store';
import { readJson } from '../payloads/read-whole';
import { attemptsOf, nextAttempt, orUndefined, type ReceiptFile, receiptFiles } from './attempts';
import type { WriteReportInput, WrittenReport } from './contracts';
import { csvLine } from './csv';
import { whileHeartbeating } from './heartbeating';
import { linesOf } from './lines';
import { labelsLine, readReportHead, type ReportHead } from './report-head';
import { stageFile, type StagedFile } from './staged-file';

/** One label in a report. */
interface ReportedLabel {
  readonly position: number;
  readonly labelId: string;
  readonly elementId: string;
  readonly element: number;
  readonly className?: string;
  readonly outcome: ItemOutcomeKind | 'withheld';
  readonly repeated: boolean;
  readonly reason?: string;
  readonly at?: string;
  /** The range of the call, `from-to`. */
  readonly chunk?: string;
}

const noLabels: LabelCounts = { planned: 0, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 };

/**
 * Ends requests: writes the report from what the store knows (plan, receipts, sent-marks), then removes the inbox entries.
 * Repeating it is safe; a report that is there is not written again.
 */
export function createWriteReport({ store }: { store: PayloadStore }): (input: WriteReportInput) => Promise<WrittenReport> {
  return (input) => whileHeartbeating({ report: input.kind }, () => writeReport(store, input));
}

async function writeReport(store: PayloadStore, input: WriteReportInput): Promise<WrittenReport> {
  if (input.kind === 'duplicates') return addRequests(store, input.ref, input.requestIds);
  const ref =
    input.kind === 'ended'
      ? input.ref
      : await refOfUnplanned(store, input.request.issueId, input.request.revision, input.request.requestId);
  const requests = [input.request.requestId, ...input.also];
  const known = await readReportHead(store, ref);
  if (known) return addRequests(store, ref, requests);
  const head = await writeNew(store, ref, input, requests);
  await removeEntries(store, requests);
  return { outcome: head.outcome, labels: head.counts };
}

/** The attempt that reports a request without a plan: the one that did already, else the next. */
async function refOfUnplanned(store: PayloadStore, issueId: string, revision: string, requestId: string): Promise<AttemptRef> {
  const attempts = await attemptsOf(store, issueId, revision);
  const own = attempts.find(({ report }) => report?.requestId === requestId);
  return { issueId, revision, attempt: own?.ref.attempt ?? nextAttempt(attempts) };
}

async function writeNew(
  store: PayloadStore,
  ref: AttemptRef,
  input: Exclude<WriteReportInput, { kind: 'duplicates' }>,
  requests: readonly string[],
): Promise<ReportHead> {
  const plan = await orUndefined(() => readJson<Plan>(store, planKey(ref)));
  const owned = plan?.requestId === input.request.requestId ? plan : undefined;
  const counts = owned ? await countLabels(store, ref) : noLabels;
  const head = headOf(ref, input, owned, counts, requests);
  const files = { json: await stageFile(store), csv: await stageFile(store) };
  try {
    await writeHead(files, head);
    if (owned) await writeLabels(store, ref, files);
    await files.json.write('],\n"leftOut":[\n');
    if (owned) await writeLeftOut(store, ref, files);
    await files.json.write(']}\n');
    await files.csv.commit(reportCsvKey(ref));
    await files.json.commit(reportKey(ref)); // last: an attempt with report.json has both
  } finally {
    await Promise.all([files.json.discard(), files.csv.discard()]);
  }
  return head;
}

function headOf(
  ref: AttemptRef,
  input: Exclude<WriteReportInput, { kind: 'duplicates' }>,
  plan: Plan | undefined,
  counts: LabelCounts,
  requests: readonly string[],
): ReportHead {
  const { request } = input;
  return {
    requests,
    version: 1,
    issueId: request.issueId,
    issueName: plan?.issueName ?? request.issueName,
    project: plan?.project ?? request.project,
    sha256: request.sha256,
    revision: ref.revision,
    attempt: ref.attempt,
    requestId: request.requestId,
    receivedAt: request.receivedAt,
    endedAt: new Date().toISOString(),
    outcome: outcomeOf(input.outcome, plan, counts),
    ...(input.reason === undefined ? {} : { reason: input.reason }),
    ...(plan ? { destination: plan.destination, destinationProject: plan.destinationProject } : {}),
    counts,
    leftOutCounts: plan?.leftOut ?? {},
    log: input.log,
  };
}

function outcomeOf(outcome: Outcome, plan: Plan | undefined, counts: LabelCounts): Outcome {
  if (outcome !== 'completed') return outcome;
  const leftOutProblem = [...problemReasons].some((reason) => (plan?.leftOut[reason] ?? 0) > 0);
  return leftOutProblem || counts.refused + counts.unconfirmed + counts.withheld > 0 ? 'completed-with-problems' : 'completed';
}

async function writeHead(files: { json: StagedFile; csv: StagedFile }, head: ReportHead): Promise<void> {
  const { requests, ...rest } = head;
  await files.json.write(`{"requests":${JSON.stringify(requests)},\n`);
  for (const [key, value] of Object.entries(rest)) await files.json.write(`${JSON.stringify(key)}:${JSON.stringify(value)},\n`);
  await files.json.write(`${labelsLine}\n`);
  await files.csv.write(
    csvLine(['position', 'label_id', 'element_id', 'element', 'class', 'outcome', 'repeated', 'reason', 'at', 'chunk']),
  );
}

async function writeLabels(store: PayloadStore, ref: AttemptRef, files: { json: StagedFile; csv: StagedFile }): Promise<void> {
  let comma = '';
  for await (const label of reportedLabels(store, ref)) {
    await files.json.write(`${comma}${JSON.stringify(label)}`);
    comma = ',\n';
    const { position, labelId, elementId, element, className, outcome, repeated, reason, at, chunk } = label;
    await files.csv.write(csvLine([position, labelId, elementId, element, className, outcome, repeated, reason, at, chunk]));
  }
  await files.json.write('\n');
}

async function writeLeftOut(store: PayloadStore, ref: AttemptRef, files: { json: StagedFile; csv: StagedFile }): Promise<void> {
  let comma = '';
  for await (const line of linesOf(store.read(leftOutKey(ref)))) {
    await files.json.write(`${comma}${line}`);
    comma = ',\n';
    const { labelId, elementId, element, reason, detail } = JSON.parse(line) as LeftOut;
    await files.csv.write(
      csvLine([undefined, labelId, elementId, element, undefined, 'left-out', false, `${reason}: ${detail}`, undefined, undefined]),
    );
  }
  await files.json.write('\n');
}

async function countLabels(store: PayloadStore, ref: AttemptRef): Promise<LabelCounts> {
  const counts = { planned: 0, relabeled: 0, 'already-gone': 0, refused: 0, unconfirmed: 0, withheld: 0 };
  for await (const { outcome } of reportedLabels(store, ref)) {
    counts.planned += 1;
    counts[outcome] += 1;
  }
  const { 'already-gone': alreadyGone, ...rest } = counts;
  return { ...rest, alreadyGone };
}

/** Every label of the plan with its outcome: what a receipt says, else `unconfirmed` when it was sent, else `withheld`. */
async function* reportedLabels(store: PayloadStore, ref: AttemptRef): AsyncGenerator<ReportedLabel> {
  const files = await receiptFiles(store, ref);
  const receipts = files.filter(({ kind }) => kind === 'receipt');
  const sent = files.filter(({ kind }) => kind === 'sent');
  const reader = new ReceiptReader(store, ref, receipts);
  let position = 0;
  for await (const line of linesOf(store.read(labelsKey(ref)))) {
    const label = JSON.parse(line) as PlannedLabel;
    yield { position: position + 1, ...label, ...((await reader.outcomeAt(position)) ?? unanswered(sent, position)) };
    position += 1;
  }
}

/** Reads receipts one at a time, in order. */
class ReceiptReader {
  private at = 0;
  private current: Receipt | undefined;

  constructor(
    private readonly store: PayloadStore,
    private readonly ref: AttemptRef,
    private readonly receipts: readonly ReceiptFile[],
  ) {}

  async outcomeAt(position: number) {
    while (this.at < this.receipts.length && this.receipts[this.at]!.to <= position) this.at += 1;
    const range = this.receipts[this.at];
    if (!range || range.from > position) return undefined;
    if (this.current?.from !== range.from || this.current.to !== range.to)
      this.current = await readJson<Receipt>(this.store, receiptKey(this.ref, range));
    const item = this.current.items[position - range.from];
    if (!item) return undefined;
    return {
      outcome: item.outcome,
      repeated: this.current.repeated,
      ...(item.reason === undefined ? {} : { reason: item.reason }),
      at: this.current.answeredAt,
      chunk: `${range.from}-${range.to}`,
    };
  }
}

function unanswered(sent: readonly ReceiptFile[], position: number) {
  const mark = sent.find(({ from, to }) => from <= position && position < to);
  if (!mark) return { outcome: 'withheld' as const, repeated: false };
  return { outcome: 'unconfirmed' as const, repeated: false, reason: 'It was sent and no answer came.', chunk: `${mark.from}-${mark.to}` };
}

/** Adds requests to a report's first line; the rest is copied as it is. Then their entries are removed. */
async function addRequests(store: PayloadStore, ref: AttemptRef, requestIds: readonly string[]): Promise<WrittenReport> {
  const head = await readReportHead(store, ref);
  if (!head) throw new Error(`There is no ${reportKey(ref)} to add requests to.`);
  const missing = requestIds.filter((requestId) => !head.requests.includes(requestId));
  if (missing.length > 0) await rewriteFirstLine(store, ref, [...head.requests, ...missing]);
  await removeEntries(store, requestIds);
  return { outcome: head.outcome, labels: head.counts };
}

async function rewriteFirstLine(store: PayloadStore, ref: AttemptRef, requests: readonly string[]): Promise<void> {
  const file = await stageFile(store);
  try {
    await file.write(`{"requests":${JSON.stringify(requests)},\n`);
    let inFirstLine = true;
    for await (const chunk of store.read(reportKey(ref))) {
      const end = inFirstLine ? chunk.indexOf(0x0a) : -1;
      if (inFirstLine && end < 0) continue;
      await file.write(inFirstLine ? chunk.subarray(end + 1) : chunk);
      inFirstLine = false;
    }
    await file.commit(reportKey(ref));
  } finally {
    await file.discard();
  }
}

async function removeEntries(store: PayloadStore, requestIds: readonly string[]): Promise<void> {
  for (const requestId of requestIds) await removeInboxEntry(store, requestId);
}
