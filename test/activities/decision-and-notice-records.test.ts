import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createCheckDecision } from '../../src/activities/check-decision';
import type { CheckDecisionInput, NotifyInput } from '../../src/activities/contracts';
import { createNoteNotice } from '../../src/activities/note-notice';
import { putDecisionRecord } from '../../src/payloads/decision-record';
import { createFolderStore } from '../../src/payloads/folder-store';
import { decisionKey, noticesKey } from '../../src/payloads/keys';
import { tempFolder } from '../payloads/temp-folder';

const folder = join(tempFolder(), 'store');
const store = createFolderStore({ folder });

describe('a decision counts as proven', () => {
  const check = createCheckDecision({ store });
  const wanted: CheckDecisionInput = { issueId: 'issue/1', record: '0a1b', decision: 'approve', revision: '0123456789ab', by: 'ann' };
  const { record, ...told } = wanted;
  beforeAll(() => putDecisionRecord(store, record, { ...told, reason: 'seen', at: '2026-11-24T10:00:00.000Z' }));

  it('when the store has the gateway’s record of it', async () => {
    expect(await check(wanted)).toBe(true);
  });

  it.each([
    { record: '0a1c' },
    { issueId: 'issue/2' },
    { decision: 'reject' as const },
    { revision: 'ab0123456789' },
    { by: 'mallory' },
    { upTo: 5 },
  ])('not with %j', async (change) => {
    expect(await check({ ...wanted, ...change })).toBe(false);
  });

  it('not yet when the record cannot be read: that is tried again', async () => {
    writeFileSync(join(folder, decisionKey('issue/1', 'ff')), '{"issueId"');
    const env = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR', () => undefined) });
    await expect(env.run(check, { ...wanted, record: 'ff' })).rejects.toMatchObject({ nonRetryable: false });
  });
});

it('a notice that was given up stands once in notices.ndjson beside the report', async () => {
  const note = createNoteNotice({ store });
  const ref = { issueId: 'issue/1', revision: '0123456789ab', attempt: 2 };
  const notice = {
    ...{ target: 'team', event: 'export.completed', id: 'run-1', at: '2026-11-24T10:00:00.000Z', ref },
    issueName: 'n',
  } as NotifyInput;
  await note({ notice, failure: 'It answered 503.' });
  await note({ notice, failure: 'It answered 503.' });
  await note({ notice: { ...notice, id: 'run-11' }, failure: 'It did not answer.' });
  const lines = readFileSync(join(folder, noticesKey(ref)), 'utf8')
    .trim()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { id: 'run-1', target: 'team', event: 'export.completed', failure: 'It answered 503.' },
    { id: 'run-11', failure: 'It did not answer.' },
  ]);
});

it('notices that are given up at the same time are all noted', async () => {
  const note = createNoteNotice({ store });
  const ref = { issueId: 'issue/2', revision: '0123456789ab', attempt: 1 };
  const ids = Array.from({ length: 8 }, (_, at) => `run-${at}`);
  await Promise.all(ids.map((id) => note({ notice: { id, target: id, event: 'export.failed', ref } as NotifyInput, failure: 'Gone.' })));
  const lines = readFileSync(join(folder, noticesKey(ref)), 'utf8')
    .trim()
    .split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).toSorted()).toEqual(ids);
});
