import { noLabels, noOutcomes } from '../../src/domain/label-outcome';
import type { CurrentExport, Pause } from '../../src/workflows/state/carried';
import { initialState, type IssueState, type Work } from '../../src/workflows/state/issue-state';
import { toProgress } from '../../src/workflows/state/progress';
import { aRequest } from '../support/requests';
import { ScriptedActivities } from '../support/harness/scripted-activities';

const request = aRequest();
const openedAt = Date.parse('2026-11-24T00:00:00.000Z');
const hourMs = 3_600_000;

/** An export of 250 labels that need approval; 100 are sent. */
function anExport(change: Partial<CurrentExport> = {}): CurrentExport {
  return {
    request,
    also: [],
    plan: new ScriptedActivities('queue').makePlan({ request }, { approvalAbove: 0 }),
    cursor: { next: 200, returned: [], chunkLabels: 100, done: 1 },
    counts: { ...noOutcomes, relabeled: 99, refused: 1 },
    approvedUpTo: 200,
    ...change,
  };
}

function aState(work: Work, change: Partial<IssueState> = {}): IssueState {
  const state = initialState({ issueId: request.issueId });
  return { ...state, work, latestRequest: request, questionsAsked: 2, ...change };
}

const asking = { openedAt, expiresAt: openedAt + 24 * hourMs, remindAt: openedAt + hourMs };
const pause: Pause = { because: 'An operator paused it.', by: 'person', since: openedAt + hourMs };

it('Progress of a run without a request is empty', () => {
  expect(toProgress(initialState({ issueId: 'issue-1' }))).toMatchObject({
    revision: '',
    stage: 'preparing',
    labels: noLabels,
    queued: 0,
  });
});

it('Progress of a request that is being prepared has no plan, and does not count the request as queued', () => {
  const waiting = aRequest({ body: 'waiting' });
  const queue = [request, waiting].map((queued) => ({ request: queued, also: [] }));
  const progress = toProgress(aState({ kind: 'preparing', request }, { queue }));
  expect(progress).toMatchObject({ revision: request.revision, labels: noLabels, queued: 1 });
  expect(progress).not.toHaveProperty('attempt');
});

it.each(['exporting', 'reporting'] as const)('Progress of an export counts its labels while %s', (kind) => {
  expect(toProgress(aState({ kind, export: anExport() }, { callsInFlight: 1 }))).toMatchObject({
    attempt: 1,
    labels: { planned: 250, relabeled: 99, refused: 1, withheld: 0 },
    chunks: { total: 3, done: 1 },
    approval: { needed: true, upTo: 200 },
  });
});

it('Progress counts the labels of an ended export as withheld until the next request is taken', () => {
  const ended = aState({ kind: 'idle' }, { endedExport: anExport(), stage: 'cancelled', pause });
  expect(toProgress(ended)).toMatchObject({ outcome: 'cancelled', labels: { relabeled: 99, withheld: 150 } });
  expect(toProgress(ended)).not.toHaveProperty('pausedBecause');
  const next = { ...ended, latestRequest: aRequest({ body: 'next' }) };
  expect(toProgress(next)).toMatchObject({ labels: noLabels });
});

it('Progress shows the deadline of an open question, and during a pause the time that remains', () => {
  const work: Work = { kind: 'exporting', export: anExport({ asking }) };
  expect(toProgress(aState(work)).approval).toEqual({
    needed: true,
    upTo: 200,
    expiresAt: '2026-11-25T00:00:00.000Z',
    question: 2,
  });
  const paused = toProgress(aState(work, { pause, stage: 'paused' }));
  expect(paused).toMatchObject({ pausedBecause: 'An operator paused it.', pausedBy: 'person' });
  expect(paused.approval).toEqual({ needed: true, upTo: 200, remainingMs: 23 * hourMs, question: 2 });
});
