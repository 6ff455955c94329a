import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createCheckDecision } from '../../src/activities/decide/check-decision';
import type { CheckDecisionInput, NotifyInput } from '../../src/activities/contracts';
import { createKeepDecision } from '../../src/activities/decide/keep-decision';
import { createRecordFailedNotice } from '../../src/activities/notify/record-failed-notice';
import { writeDecisionProof } from '../../src/payloads/decision-proofs';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { readAppliedDecisions } from '../../src/payloads/applied-decisions';
import { decisionProofKey, appliedDecisionsFolder, noticesKey } from '../../src/payloads/keys';
import { tempFolder } from '../payloads/temp-folder';

const folder = join(tempFolder(), 'store');
const store = createFolderStore({ folder });

describe('A decision proof', () => {
  const check = createCheckDecision({ store });
  const decision: CheckDecisionInput = {
    issueId: 'issue/1',
    record: '0a1b',
    decision: 'approve',
    revision: '0123456789ab',
    by: 'ann',
    reason: 'seen',
  };
  const { record, ...proof } = decision;
  const checkIn = (input: CheckDecisionInput, activityId = '1', runId = 'run-1') =>
    new MockActivityEnvironment(
      { activityId, workflowExecution: { workflowId: 'export-issue-issue/1', runId } },
      { logger: new DefaultLogger('ERROR', () => undefined) },
    ).run(check, input);
  beforeEach(() => writeDecisionProof(store, record, { ...proof, at: '2026-11-24T10:00:00.000Z' }));

  it('A decision counts as proven in every retry of the activity that checks its proof', async () => {
    expect(await checkIn(decision)).toBe(true);
    expect(await checkIn(decision)).toBe(true);
  });

  it('A proof is good for one use: its name, read in a history, proves nothing again', async () => {
    expect(await checkIn(decision)).toBe(true);
    expect(await checkIn(decision, '2')).toBe(false);
    expect(await checkIn(decision, '1', 'run-2')).toBe(false);
  });

  it('A proof that the gateway writes again is good for one more use', async () => {
    expect(await checkIn(decision)).toBe(true);
    await writeDecisionProof(store, record, { ...proof, at: '2026-11-24T11:00:00.000Z' });
    expect(await checkIn(decision, '1', 'run-2')).toBe(true);
  });

  it('The check returns how the operator reached the gateway, in every retry too', async () => {
    await writeDecisionProof(store, record, { ...proof, through: 'page', at: '2026-11-24T10:00:00.000Z' });
    expect(await checkIn(decision)).toBe('page');
    expect(await checkIn(decision)).toBe('page');
    expect(await checkIn(decision, '2')).toBe(false);
  });

  it.each([
    { record: '0a1c' },
    { issueId: 'issue/2' },
    { decision: 'reject' as const },
    { revision: 'ab0123456789' },
    { by: 'mallory' },
    { reason: 'not looked at' },
    { upTo: 5 },
    { plan: 'ab'.repeat(6) },
    { writtenBefore: '2026-11-24T10:00:00.000Z' },
  ])('A proof does not match a decision that differs in %j', async (change) => {
    expect(await checkIn({ ...decision, ...change })).toBe(false);
  });

  it('A proof from before the deadline of a decision that was heard late matches', async () => {
    expect(await checkIn({ ...decision, writtenBefore: '2026-11-24T10:00:00.001Z' })).toBe(true);
  });

  it('A proof that was changed, here to a time before the deadline, proves nothing', async () => {
    const path = join(folder, decisionProofKey('issue/1', record));
    writeFileSync(path, readFileSync(path, 'utf8').replace('T10:00', 'T09:00'));
    expect(await checkIn({ ...decision, writtenBefore: '2026-11-24T09:30:00.000Z' })).toBe(false);
    expect(await checkIn(decision)).toBe(false);
  });

  it('An unreadable proof makes the check fail retryably', async () => {
    writeFileSync(join(folder, decisionProofKey('issue/1', 'ff')), '{"issueId"');
    await expect(checkIn({ ...decision, record: 'ff' })).rejects.toMatchObject({ nonRetryable: false });
  });
});

describe('An applied decision', () => {
  const ref = { issueId: 'issue/1', revision: '0123456789ab', attempt: 3 };
  const entry = { upTo: 10, who: 'ann (token)', at: '2026-11-24T10:00:00.000Z', reason: 'w'.repeat(2000) };
  const keep = createKeepDecision({ store });

  it('An applied decision is kept whole and once, however often it is written, in the order of time', async () => {
    await keep({ ref, question: 2, entry: { ...entry, upTo: 20, at: '2026-11-24T10:00:01.000Z' } });
    await keep({ ref, question: 1, entry });
    await keep({ ref, question: 1, entry });
    expect((await readAppliedDecisions(store, ref)).map(({ upTo }) => upTo)).toEqual([10, 20]);
    expect((await readAppliedDecisions(store, ref))[0]).toEqual(entry);
  });

  it('A changed decision is reported as changed and hides no other', async () => {
    const other = { ...ref, attempt: 4 };
    await keep({ ref: other, question: 1, entry });
    await keep({ ref: other, question: 2, entry });
    writeFileSync(join(folder, `${appliedDecisionsFolder(other)}20261124100000000-1.json`), '{"upTo":');
    expect((await readAppliedDecisions(store, other)).map(({ who }) => who)).toEqual([
      '20261124100000000-1.json was changed or truncated',
      'ann (token)',
    ]);
  });
});

it('A notice that was given up is recorded once in notices.ndjson, however often it is reported', async () => {
  const record = createRecordFailedNotice({ store });
  const ref = { issueId: 'issue/1', revision: '0123456789ab', attempt: 2 };
  const notice = {
    target: 'team',
    event: 'export.completed',
    id: 'run-1',
    at: '2026-11-24T10:00:00.000Z',
    ref,
    issueName: 'n',
  } as NotifyInput;
  await record({ notice, failure: 'It answered 503.' });
  await record({ notice, failure: 'It answered 503.' });
  await record({ notice: { ...notice, id: 'run-11' }, failure: 'It did not answer.' });
  const lines = readFileSync(join(folder, noticesKey(ref)), 'utf8')
    .trim()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { id: 'run-1', target: 'team', event: 'export.completed', failure: 'It answered 503.' },
    { id: 'run-11', failure: 'It did not answer.' },
  ]);
});

it('Notices that are given up at the same moment are all recorded', async () => {
  const record = createRecordFailedNotice({ store });
  const ref = { issueId: 'issue/2', revision: '0123456789ab', attempt: 1 };
  const ids = Array.from({ length: 8 }, (_, at) => `run-${at}`);
  await Promise.all(
    ids.map((id) =>
      record({ notice: { id, target: id, event: 'export.failed', ref } as NotifyInput, failure: 'Gone.' }),
    ),
  );
  const lines = readFileSync(join(folder, noticesKey(ref)), 'utf8')
    .trim()
    .split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).toSorted()).toEqual(ids);
});
