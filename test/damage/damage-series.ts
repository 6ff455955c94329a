import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { request } from 'undici';
import type { AttemptRef } from '../../src/domain/attempt-ref';
import { isOutcome } from '../../src/domain/stage';
import { attemptFolder, deliveryKey, inboxKey, issueFolder } from '../../src/payloads/keys';
import { listAttempts } from '../../src/payloads/attempts';
import type { Progress } from '../../src/workflows/messages';
import { exportBody, ids } from '../support/builders';
import { type Report, Stack } from '../support/harness/stack';
import { until } from '../support/until';

/*
 * `npm run damage` damages each file of a waiting, a paused and a completed export, one at a time, on the real
 * parts. The export then continues, and a newer revision of the issue is exported. No label may be sent without an
 * approval, or twice without a word, and what went wrong must be named.
 */

const states = ['waiting', 'paused', 'completed'] as const;
type State = (typeof states)[number];
const damages = ['removed', 'truncated', 'flipped', 'swapped', 'older copy'] as const;
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

async function completed(issueId: string): Promise<AttemptRef> {
  const ref = await waiting(issueId);
  await handle(issueId).signal('approve', { revision: ref.revision });
  await stack.untilDone(issueId);
  return ref;
}

/** The second attempt waits for its approval; the first one was rejected, so that its files are older copies. */
async function waiting(issueId: string): Promise<AttemptRef> {
  for (const attempt of [1, 2]) {
    const { body } = await send(issueId, approvedLabels, 'first');
    const revision = String(body['revision']);
    await until('the question', async () => {
      const progress = await stack.progress(issueId);
      return progress.stage === 'awaiting-approval' && progress.attempt === attempt;
    });
    if (attempt === 2) return { issueId, revision, attempt };
    await handle(issueId).signal('reject', { revision });
    await stack.untilDone(issueId);
  }
  throw new Error('unreachable');
}

/** Five of ten labels are sent, and an operator paused the export. */
async function paused(issueId: string): Promise<AttemptRef> {
  const ref = await waiting(issueId);
  await handle(issueId).signal('approve', { revision: ref.revision, upTo: 5 });
  await until('the second question', async () => {
    const { stage, approval } = await stack.progress(issueId);
    return stage === 'awaiting-approval' && approval.upTo === 5;
  });
  await handle(issueId).signal('pause');
  await stack.untilStage(issueId, 'paused');
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

/** @returns false when there is nothing to put in the file's place. */
function damage(key: string, how: Damage, ref: AttemptRef): boolean {
  const file = path(key);
  const replaceBy = (other: AttemptRef) => {
    const from = path(key.replace(attemptFolder(ref), attemptFolder(other)));
    if (from === file || !existsSync(from)) return false;
    copyFileSync(from, file);
    return true;
  };
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
      return replaceBy(donor);
    case 'older copy':
      return replaceBy({ ...ref, attempt: 1 });
  }
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
  for (const revision of (await stack.store.list(issueFolder(issueId))).filter(
    (name) => name !== 'decisions',
  ))
    for (const { ref } of await listAttempts(stack.store, issueId, revision)) {
      try {
        found.push(JSON.parse(readFileSync(path(`${attemptFolder(ref)}report.json`), 'utf8')) as Report);
      } catch {
        // the damaged file itself
      }
    }
  return found;
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
  readonly named: boolean;
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
  if (!damage(key, how, ref)) return undefined;
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
  said.push(await get('/readyz'));
  for (const form of ['json', 'csv'])
    said.push(await get(`/api/exports/${issueId}/report.${form}?revision=${ref.revision}&attempt=2`));
  return judge(`${state}: ${name.replace(/\d{17}/, '<time>')} ${how}`, issueId, said, written);
}

/** What a person may read when a file is damaged. */
const namesAFile =
  /plan\.json|labels\.(ndjson|index)|left-out|receipt|report\.json|[Dd]elivery|unreadable":[1-9]|was changed or truncated|decisions\/ of attempt|report-changed|no-such-report/;

function judge(name: string, issueId: string, said: readonly string[], written: readonly Report[]): Outcome {
  const sent = stack.sent(`${issueId}-`);
  const allowed = new Set(ids(`${issueId}-`, approvedLabels + 2));
  const twice = [...new Set(sent.filter((id, at) => sent.indexOf(id) !== at))];
  const marked = new Set(
    written.flatMap(({ labels }) => labels.filter(({ repeated }) => repeated).map(({ labelId }) => labelId)),
  );
  const named = said.some((text) => namesAFile.test(text));
  const foreign = stack.sent('donor-').length - approvedLabels;
  const violations = [
    ...sent.filter((id) => !allowed.has(id)).map((id) => `${id} was sent without an approval`),
    ...(foreign > 0 ? [`${foreign} labels of another export were sent`] : []),
    ...twice.filter((id) => !named && !marked.has(id)).map((id) => `${id} was sent twice in silence`),
  ];
  return { case: name, named, sentTwice: twice.length, violations };
}

async function countFiles(state: State): Promise<number> {
  return (await filesOf(await reach[state](`count-${state}`))).length;
}

it('No damage to a file sends a label without an approval, or twice without a word', async () => {
  const cases: (() => Promise<Outcome | undefined>)[] = [];
  for (const state of states) {
    const files = await countFiles(state);
    for (let index = 0; index < files; index += 1)
      for (const how of damages)
        cases.push(() => runCase(state, index, how, `${state}-${index}-${how.replace(' ', '-')}`));
  }
  const outcomes: Outcome[] = [];
  const queue = cases.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const run of queue) {
        const outcome = await run();
        if (outcome) outcomes.push(outcome);
      }
    }),
  );
  const unnamed = outcomes.filter(({ named }) => !named);
  const lines = [
    ...outcomes.flatMap(({ case: name, violations }) =>
      violations.map((violation) => `${name}: ${violation}`),
    ),
    `${outcomes.length} damages: ${outcomes.length - unnamed.length} named, ${unnamed.length} not`,
    `${outcomes.reduce((sum, { sentTwice }) => sum + sentTwice, 0)} labels were sent twice`,
    ...unnamed.map(
      ({ case: name, sentTwice }) => `not named: ${name}${sentTwice > 0 ? `, ${sentTwice} sent twice` : ''}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  expect(outcomes.flatMap(({ violations }) => violations)).toEqual([]);
}, 1_200_000);
