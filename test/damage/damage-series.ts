import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { request } from 'undici';
import type { Connection } from '@temporalio/client';
import { prepareExport } from '../../src/activities/plan/prepare-export';
import { checkInbox } from '../../src/cli/doctor/check-inbox';
import { checkStrayNames } from '../../src/cli/doctor/check-stray-names';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import { isOutcome } from '../../src/domain/stage';
import { listAttempts, listRevisions } from '../../src/payloads/attempts';
import { findDamagedFiles } from '../../src/payloads/damage/find-damaged-files';
import {
  attemptFolder,
  deliveriesFolder,
  deliveryKey,
  inboxKey,
  issueFolder,
  planKey,
} from '../../src/payloads/keys';
import { readPlan } from '../../src/payloads/plan-file';
import { readReceipt, writeReceipt } from '../../src/payloads/receipts';
import { exportWorkflowId } from '../../src/temporal/names';
import type { Progress } from '../../src/workflows/messages';
import { exportBody, ids } from '../support/builders';
import { type Report, Stack } from '../support/harness/stack';
import { until } from '../support/until';

/*
 * `npm run damage` damages each file of a waiting, a paused and a completed export, one at a time, on the real
 * parts. The export then continues, and a newer revision of the issue is exported. No label may be sent without an
 * approval, or twice without a word, and what went wrong must be named, by one of these steps or by `requeue doctor`.
 * A damage that leaves the bytes as they were is none.
 */

const states = ['waiting', 'paused', 'completed'] as const;
type State = (typeof states)[number];
const damages = [
  'removed',
  'truncated',
  'flipped',
  'swapped',
  'older attempt',
  'older plan',
  'earlier version',
] as const;
type Damage = (typeof damages)[number];

/** Cases that run at the same time. */
const concurrency = 4;
const approvedLabels = 10;

let stack: Stack;
/** A completed export of another issue; its files are swapped in. */
let donor: AttemptRef;

beforeAll(async () => {
  const env = { APPROVAL_THRESHOLD: '0', CHUNK_LABELS: '5', CHUNKS_IN_FLIGHT: '1' };
  stack = await (await Stack.create(env)).startAll();
  donor = await completed('donor');
}, 60_000);
afterAll(() => stack.stop());

const path = (key: string) => join(stack.config.storeFolder, key);
const handle = (issueId: string) => stack.workflow(issueId);
const send = (issueId: string, count: number, name: string) =>
  stack.post(exportBody(issueId, ids(`${issueId}-`, count), { issue_name: name }));

/** Approved in two parts. */
async function completed(issueId: string): Promise<AttemptRef> {
  const ref = await partlyApproved(issueId);
  await handle(issueId).signal('approve', { revision: ref.revision });
  await stack.untilDone(issueId);
  return ref;
}

/** The second attempt waits for its approval, with the second plan that was made for it. */
async function waiting(issueId: string): Promise<AttemptRef> {
  const ref = await askedTwice(issueId);
  await replan(issueId, ref);
  return ref;
}

/** Where the older plan of the attempt is kept. */
const olderPlan = (issueId: string) => join(stack.folder, 'older', issueId);

/**
 * The attempt is planned with another route, as by a worker before its configuration was changed. An operator then
 * resets the run, so that it is planned again.
 */
async function replan(issueId: string, ref: AttemptRef): Promise<void> {
  const { store, config } = stack;
  const [entry] = await stack.inbox(issueId);
  if (!entry) throw new Error(`${issueId} has no inbox entry.`);
  const routes = config.routes.map((route) => ({ ...route, crops: 'all-in-frame' as const }));
  await prepareExport(
    { config: { ...config, routes }, store },
    { request: entry.request },
    { bytes: 0, elements: 0 },
  );
  const older = await readPlan(store, ref);
  if (older.labels !== 2 * approvedLabels) throw new Error(`The older plan has ${older.labels} labels.`);
  cpSync(path(attemptFolder(ref)), olderPlan(issueId), { recursive: true });
  await reset(issueId);
  await until('the second plan', async () => {
    if (!existsSync(path(planKey(ref)))) return false;
    const isNew = (await readPlan(store, ref)).labels === approvedLabels;
    return isNew && (await stack.progress(issueId)).stage === 'awaiting-approval';
  });
}

/** Resets the newest run to its first task. */
async function reset(issueId: string): Promise<void> {
  const { runId } = await handle(issueId).describe();
  const request: object = {
    namespace: 'default',
    workflowExecution: { workflowId: exportWorkflowId(issueId), runId },
    reason: 'planned again',
    requestId: runId,
    workflowTaskFinishEventId: 4, // of the first task: started, signalled, scheduled, started
  };
  await (stack.client().connection as Connection).workflowService.resetWorkflowExecution(request);
}

/** The first attempt was rejected, so that its files are older copies. */
async function askedTwice(issueId: string): Promise<AttemptRef> {
  for (const attempt of [1, 2]) {
    const { body } = await send(issueId, approvedLabels, 'first');
    const revision = String(body['revision']);
    await until('the question', async () => {
      const progress = await stack.progress(issueId);
      return progress.stage === 'awaiting-approval' && progress.attempt === attempt;
    });
    if (attempt === 2) return { issueId, revision, attempt };
    await handle(issueId).signal('reject', { revision });
    await until(
      'the end of the run',
      async () => (await handle(issueId).describe()).status.name !== 'RUNNING',
    );
  }
  throw new Error('unreachable');
}

/** Five of ten labels are sent, and an operator paused the export. */
async function paused(issueId: string): Promise<AttemptRef> {
  const ref = await partlyApproved(issueId);
  await handle(issueId).signal('pause');
  await stack.untilStage(issueId, 'paused');
  return ref;
}

/** Five of ten labels are sent; the others wait for their approval. */
async function partlyApproved(issueId: string): Promise<AttemptRef> {
  const ref = await waiting(issueId);
  await handle(issueId).signal('approve', { revision: ref.revision, upTo: 5 });
  await until('the second question', async () => {
    const { stage, approval } = await stack.progress(issueId);
    return stage === 'awaiting-approval' && approval.upTo === 5;
  });
  return ref;
}

const reach: Readonly<Record<State, (issueId: string) => Promise<AttemptRef>>> = {
  waiting,
  paused,
  completed,
};

/** Keys of the files of an export, relative to the store. */
async function filesOf(ref: AttemptRef): Promise<string[]> {
  const folder = attemptFolder(ref);
  const names = readdirSync(path(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path(''), join(entry.parentPath, entry.name)));
  const [entry] = await stack.inbox(ref.issueId);
  const sha256 = await sha256Of(ref);
  return [...names, ...(entry ? [inboxKey(entry.request.requestId)] : []), deliveryKey(sha256)];
}

async function sha256Of({ issueId, revision, attempt }: AttemptRef): Promise<string> {
  const attempts = await listAttempts(stack.store, issueId, revision);
  const found = attempts.find(({ ref }) => ref.attempt === attempt);
  return found?.plan?.sha256 ?? found?.report?.sha256 ?? '';
}

/** @returns false when there is nothing to put in the file's place, or when the bytes stay the same. */
async function damage(key: string, how: Damage, ref: AttemptRef): Promise<boolean> {
  const before = readFileSync(path(key));
  if (!(await change(key, how, ref))) return false;
  return !existsSync(path(key)) || !readFileSync(path(key)).equals(before);
}

async function change(key: string, how: Damage, ref: AttemptRef): Promise<boolean> {
  const file = path(key);
  const replaceBy = (from: string) => {
    if (from === file || !existsSync(from)) return false;
    copyFileSync(from, file);
    return true;
  };
  const sameFileOf = (other: AttemptRef) => path(key.replace(attemptFolder(ref), attemptFolder(other)));
  switch (how) {
    case 'removed':
      rmSync(file);
      return true;
    case 'truncated':
      truncateSync(file, Math.floor(readFileSync(file).length / 2));
      return true;
    case 'flipped': {
      const bytes = readFileSync(file);
      if (bytes.length === 0) return false;
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file, bytes);
      return true;
    }
    case 'swapped':
      return replaceBy(
        key.startsWith(deliveriesFolder) ? path(deliveryKey(await sha256Of(donor))) : sameFileOf(donor),
      );
    case 'older attempt':
      return replaceBy(sameFileOf({ ...ref, attempt: 1 }));
    case 'older plan':
      return (
        key.startsWith(attemptFolder(ref)) &&
        replaceBy(join(olderPlan(ref.issueId), key.slice(attemptFolder(ref).length)))
      );
    case 'earlier version':
      return putEarlierReceipt(key, ref);
  }
}

const receiptName = /receipts\/(\d+)-(\d+)\.json$/;

/** A receipt as it was before a second answer was joined with it. */
async function putEarlierReceipt(key: string, ref: AttemptRef): Promise<boolean> {
  const { store } = stack;
  const [, from, to] = receiptName.exec(key) ?? [];
  const receipt = await readReceipt(store, ref, { from: Number(from), to: Number(to) });
  const items = receipt.items.map(({ labelId }) => ({ labelId, outcome: 'unconfirmed' as const }));
  await writeReceipt(store, ref, { ...receipt, reported: null, items });
  return true;
}

/** Lets an export go on until it has ended; cancels it when the service pauses it. @returns what it said. */
async function goOn(issueId: string, revision: string): Promise<string[]> {
  const said: string[] = [];
  await until(`the end of ${issueId}`, async () => {
    const progress: Progress = await stack.progress(issueId);
    if (progress.revision !== revision) return false;
    if (progress.stage === 'awaiting-approval') await handle(issueId).signal('approve', { revision });
    if (progress.stage === 'paused' && progress.pausedBy === 'person') await handle(issueId).signal('resume');
    if (progress.stage === 'paused' && progress.pausedBy === 'service') {
      said.push(progress.pausedBecause ?? '');
      await handle(issueId)
        .cancel()
        .catch(() => undefined);
    }
    said.push(...progress.log.map(({ text }) => text));
    return isOutcome(progress.stage);
  });
  return said;
}

async function reports(issueId: string): Promise<Report[]> {
  const found: Report[] = [];
  for (const revision of await listRevisions(stack.store, issueId))
    for (const { ref } of await listAttempts(stack.store, issueId, revision)) {
      try {
        found.push(JSON.parse(readFileSync(path(`${attemptFolder(ref)}report.json`), 'utf8')) as Report);
      } catch {
        // the damaged file itself
      }
    }
  return found;
}

/** Whether `requeue doctor` names the file, or one in its place. Other cases damage files of the store meanwhile. */
async function isNamedByDoctor(issueId: string, key: string): Promise<boolean> {
  const { damaged } = await findDamagedFiles(stack.store, Date.now() + 60_000);
  const findings = [...(await checkInbox(subject())), ...(await checkStrayNames(stack))];
  return (
    damaged.some(({ path: named }) => named === key || named.startsWith(issueFolder(issueId))) ||
    findings.some(({ says }) => says.includes(key))
  );
}

function subject(): Parameters<typeof checkInbox>[0] {
  const temporal = () => {
    throw new Error('The inbox is checked without Temporal.');
  };
  return { mode: 'production', config: stack.config, operators: [], temporal };
}

/** A refusal, or the beginning of an answer. */
async function get(path: string): Promise<string> {
  const { body } = await request(`${stack.url}${path}`, {
    headers: { authorization: 'Bearer token-of-ann' },
  });
  return (await body.text()).slice(0, 200);
}

interface Outcome {
  readonly case: string;
  /** `step`: a later step names it, so that no operator has to run `doctor`. */
  readonly named: 'step' | 'doctor' | 'not';
  readonly sentTwice: number;
  readonly violations: readonly string[];
}

async function runCase(
  state: State,
  index: number,
  how: Damage,
  issueId: string,
): Promise<Outcome | undefined> {
  const ref = await reach[state](issueId);
  const keys = (await filesOf(ref)).sort();
  const key = keys[index];
  if (key === undefined) throw new Error(`An export that is ${state} has only ${keys.length} files.`);
  const name = key.startsWith(attemptFolder(ref))
    ? key.slice(attemptFolder(ref).length)
    : (key.split('/')[0] ?? '');
  if (await isNamedByDoctor(issueId, key)) throw new Error(`${key} is named before it is damaged.`);
  if (!(await damage(key, how, ref))) return undefined;
  const seen = [await isNamedByDoctor(issueId, key)];
  const said = state === 'completed' ? [] : await goOn(issueId, ref.revision);
  const next = await send(issueId, approvedLabels + 2, 'second');
  said.push(...(await goOn(issueId, String(next.body['revision']))));
  const written = await reports(issueId);
  said.push(
    ...written.flatMap(({ reason, decisions, warnings = [] }) => [
      reason ?? '',
      ...decisions.map(({ who }) => who),
      ...warnings.map(({ message }) => message),
    ]),
  );
  for (const form of ['json', 'csv'])
    said.push(await get(`/api/exports/${issueId}/report.${form}?revision=${ref.revision}&attempt=2`));
  seen.push(await isNamedByDoctor(issueId, key));
  const named = said.some((text) => namesAFile.test(text)) ? 'step' : seen.includes(true) ? 'doctor' : 'not';
  return judge(`${state}: ${name.replace(/\d{17}/, '<time>')} ${how}`, issueId, named, written);
}

/** What a person may read when a file is damaged. */
const namesAFile =
  /plan\.json|labels\.(ndjson|index)|left-out|receipt|report\.json|[Dd]elivery|was changed or truncated|decisions\/ of attempt|report-changed|no-such-report/;

function judge(name: string, issueId: string, named: Outcome['named'], written: readonly Report[]): Outcome {
  const sent = stack.sent(`${issueId}-`);
  const allowed = new Set(ids(`${issueId}-`, approvedLabels + 2));
  const twice = [...new Set(sent.filter((id, at) => sent.indexOf(id) !== at))];
  const marked = new Set(
    written.flatMap(({ labels }) => labels.filter(({ repeated }) => repeated).map(({ labelId }) => labelId)),
  );
  const foreign = stack.sent('donor-').length - approvedLabels;
  const violations = [
    ...sent.filter((id) => !allowed.has(id)).map((id) => `${id} was sent without an approval`),
    ...(foreign > 0 ? [`${foreign} labels of another export were sent`] : []),
    ...twice
      .filter((id) => named !== 'step' && !marked.has(id))
      .map((id) => `${id} was sent twice in silence`),
  ];
  return { case: name, named, sentTwice: twice.length, violations };
}

async function listFiles(state: State): Promise<string[]> {
  return (await filesOf(await reach[state](`list-${state}`))).sort();
}

/** Only a report shows that a receipt is an earlier version. */
function applies(how: Damage, state: State, key: string): boolean {
  return how !== 'earlier version' || (state === 'completed' && receiptName.test(key));
}

it('No damage to a file sends a label without an approval, or twice without a word', async () => {
  const cases: (() => Promise<Outcome | undefined>)[] = [];
  for (const state of states) {
    const files = await listFiles(state);
    for (const [index, key] of files.entries())
      for (const how of damages.filter((each) => applies(each, state, key)))
        cases.push(() => runCase(state, index, how, `${state}-${index}-${how.replace(' ', '-')}`));
  }
  const outcomes: Outcome[] = [];
  let harmless = 0;
  const queue = cases.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const run of queue) {
        const outcome = await run();
        if (outcome) outcomes.push(outcome);
        else harmless += 1;
      }
    }),
  );
  const count = (how: Outcome['named']) => outcomes.filter(({ named }) => named === how).length;
  const unnamed = outcomes.filter(({ named }) => named === 'not');
  const lines = [
    ...outcomes.flatMap(({ case: name, violations }) =>
      violations.map((violation) => `${name}: ${violation}`),
    ),
    `${outcomes.length} damages: ${count('step')} named by a later step, ${count('doctor')} by doctor, ${unnamed.length} not`,
    `${harmless} times there was no damage: nothing to put in the file's place, or the same bytes`,
    `${outcomes.reduce((sum, { sentTwice }) => sum + sentTwice, 0)} labels were sent twice`,
    ...unnamed.map(
      ({ case: name, sentTwice }) => `not named: ${name}${sentTwice > 0 ? `, ${sentTwice} sent twice` : ''}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  expect(outcomes.flatMap(({ violations }) => violations)).toEqual([]);
  expect(unnamed).toEqual([]);
}, 1_200_000);
