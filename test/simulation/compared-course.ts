import { createHash } from 'node:crypto';
import { readInboxEntry } from '../../src/payloads/inbox-entry';
import type { Progress } from '../../src/workflows/messages';
import { exportBody } from '../support/builders';
import { createRandom } from '../support/seeded-random';
import type { Side } from './compare-sides';

const kinds = [
  'approve',
  'approve',
  'approve-some',
  'reject',
  'pause',
  'resume',
  'cancel',
  'deliver-again',
  'deliver-more',
  'deliver-other-project',
] as const;

type Step = (typeof kinds)[number];

/** What happens to one issue, one thing after the other: each waits until the one before has had its effect. */
export interface ComparedCourse {
  readonly seed: number;
  readonly issueId: string;
  readonly labelIds: readonly string[];
  /** Labels that the service refuses, and labels that it does not have. */
  readonly poison: readonly string[];
  readonly unknown: readonly string[];
  readonly steps: readonly Step[];
}

export function planCourse(seed: number): ComparedCourse {
  const random = createRandom(seed);
  const issueId = `issue-${seed}`;
  const labelIds = Array.from({ length: random.integer(2, 8) }, (_, at) => `${issueId}-l${at}`);
  return {
    seed,
    issueId,
    labelIds,
    poison: random.chance(0.3) ? [random.pick(labelIds)] : [],
    unknown: random.chance(0.3) ? [random.pick(labelIds)] : [],
    steps: Array.from({ length: random.integer(2, 6) }, () => random.pick(kinds)),
  };
}

/** @returns the reports, without times, ids and hashes, and what people were answered. */
export async function runCourse(side: Side, course: ComparedCourse): Promise<unknown> {
  const said: string[] = [];
  let count = Math.max(1, course.labelIds.length - 3);
  await deliver(side, course, 'streets', count);
  for (const step of course.steps) {
    if (step === 'deliver-again') await deliver(side, course, 'streets', count);
    else if (step === 'deliver-more')
      await deliver(side, course, 'streets', (count = Math.min(count + 1, course.labelIds.length)));
    else if (step === 'deliver-other-project') await deliver(side, course, 'fields', count);
    else said.push(`${step}: ${await act(side, course.issueId, step)}`);
  }
  for (let round = 0; round < 20; round += 1) {
    const progress = await atRest(side, course.issueId);
    if (!progress) break;
    await act(side, course.issueId, progress.stage === 'paused' ? 'resume' : 'approve');
  }
  return { said, reports: side.reports(course.issueId).map(describeReport).toSorted(byText) };
}

async function deliver(side: Side, { issueId, labelIds }: ComparedCourse, project: string, count: number) {
  const body = exportBody(issueId, labelIds.slice(0, count), { project });
  const bytes = Buffer.from(JSON.stringify(body));
  const before = await side.progress(issueId).catch(() => undefined); // before the first delivery there is no run
  const requestId = await side.deliver(bytes);
  await side.until('the dispatch', async () => {
    const entry = await side.passing(() => readInboxEntry(side.store, requestId));
    return entry === undefined || entry.handOver.runId !== undefined;
  });
  const revision = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  if (before && isSupersededBy(before, project, revision))
    await side.until(`${issueId} to be superseded`, async () => {
      const now = await side.progress(issueId);
      return now?.revision !== before.revision;
    });
  await atRest(side, issueId);
}

function isSupersededBy(before: Progress, project: string, revision: string): boolean {
  const isUnapproved = before.stage === 'awaiting-approval' && before.approval.upTo === 0;
  return isUnapproved && before.project === project && before.revision !== revision;
}

/** @returns the effect, or why it was refused. */
async function act(side: Side, issueId: string, step: Step): Promise<string> {
  const progress = await side.progress(issueId);
  if (!progress) return 'nothing is open';
  const answer = await side
    .passing(() => decideOrSteer(side, issueId, step, progress))
    .catch((error: Error) => withoutIds(error.message));
  if (answer === 'answered' || (answer === 'steered' && changes(step, progress)))
    await side.until(`the effect of ${step} on ${issueId}`, async () => {
      const now = await side.progress(issueId);
      return now === undefined || signature(now, step) !== signature(progress, step);
    });
  await atRest(side, issueId);
  return answer;
}

function changes(step: Step, { stage }: Progress): boolean {
  return !(step === 'pause' && stage === 'paused') && !(step === 'resume' && stage !== 'paused');
}

async function decideOrSteer(side: Side, issueId: string, step: Step, progress: Progress): Promise<string> {
  const person = { issueId, by: 'ann', through: 'api' } as const;
  const { revision, plan, labels } = progress;
  if (step === 'pause' || step === 'resume' || step === 'cancel')
    return side.api.steer({ ...person, action: step }).then(() => 'steered');
  const { result } = await side.api.decide({
    ...person,
    decision: step === 'reject' ? 'reject' : 'approve',
    revision,
    ...(step === 'reject' || plan === undefined ? {} : { plan }),
    ...(step === 'approve-some' ? { upTo: Math.max(1, Math.ceil(labels.planned / 2)) } : {}),
  });
  return result;
}

/** What a step changes: a cancel and a rejection have had their effect when the export has ended. */
function signature({ revision, project, stage, approval, attempt, log }: Progress, step: Step): string {
  const about = [revision, project, attempt];
  if (step === 'cancel' || step === 'reject') return JSON.stringify(about);
  return JSON.stringify([...about, stage, approval.upTo, approval.question, log.length]);
}

/** Waits until the issue waits for a person, or no run is open. */
async function atRest(side: Side, issueId: string): Promise<Progress | undefined> {
  let found: Progress | undefined;
  await side.until(`${issueId} to wait for a person`, async () => {
    found = await side.progress(issueId);
    if (!found) return true;
    const isAsked = found.stage === 'awaiting-approval' && found.approval.question !== undefined;
    return isAsked || found.stage === 'paused';
  });
  return found;
}

interface StoredReport {
  readonly project: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly reason?: string;
  readonly requests: readonly string[];
  readonly labels: readonly { readonly labelId: string; readonly outcome: string }[];
  readonly decisions?: readonly { readonly at: string }[];
}

function describeReport(text: string): string {
  const { project, attempt, outcome, reason, requests, labels, decisions } = JSON.parse(text) as StoredReport;
  return withoutIds(
    JSON.stringify({
      project,
      attempt,
      outcome,
      reason,
      requests: requests.length,
      labels: labels.map((label) => `${label.labelId}: ${label.outcome}`),
      decisions: decisions?.map((decision) => ({ ...decision, at: undefined })),
    }),
  );
}

function withoutIds(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, '<time>')
    .replaceAll(/\d{8}T\d{9}Z-[0-9a-f]{12}/g, '<request>');
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
