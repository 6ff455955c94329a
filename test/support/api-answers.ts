import type {
  ExportDetail,
  ExportList,
  ExportRow,
  InboxRow,
  PlanDetail,
} from '../../src/gateway/api/operator-api';

/** The revision of every built answer. */
export const revision = '0123456789ab';

const links = {
  self: 'http://gateway.example/exports/one',
  temporal: 'http://ui.example/workflows/export-issue-one',
};

export function aRow(change: Partial<ExportRow> = {}): ExportRow {
  const { issueId = 'one' } = change;
  return {
    issueId,
    issueName: 'Blurred plates',
    project: 'roads',
    stage: 'sending',
    isOpen: true,
    destination: 'labelbox',
    labels: { planned: 1200, done: 300 },
    startedAt: '2026-11-24T00:00:00.000Z',
    workflowId: `export-issue-${issueId}`,
    source: 'temporal',
    links,
    ...change,
  };
}

export function anInboxRow(change: Partial<InboxRow> = {}): InboxRow {
  return {
    requestId: 'r1',
    issueId: 'two',
    issueName: 'Signs',
    project: 'roads',
    revision,
    sha256: 'ab'.repeat(32),
    receivedAt: '2026-11-24T00:00:00.000Z',
    ...change,
  };
}

export function aList(change: Partial<ExportList> = {}): ExportList {
  return { exports: [aRow()], notStarted: [], held: [], warnings: [], destinations: [], ...change };
}

export function aPlanDetail(change: Partial<PlanDetail> = {}): PlanDetail {
  return {
    plan: 'd1d1d1d1d1d1',
    revision,
    attempt: 1,
    createdAt: '2026-11-24T00:00:01.000Z',
    receivedAt: '2026-11-24T00:00:00.000Z',
    force: false,
    elements: 1250,
    labels: 1200,
    leftOut: { 'already-relabeled': 40, invalid: 10 },
    destination: 'labelbox',
    destinationProject: 'roads-at-labelbox',
    calls: 12,
    seconds: 6,
    summary: {
      classes: { top: [{ name: 'plate', labels: 1100 }], other: 100 },
      datasets: { top: [{ name: 'autumn', labels: 1200 }], other: 0 },
      inferenceSets: { top: [], other: 1200 },
      frames: 900,
      sample: [
        { position: 7, labelId: 'label-7', className: 'plate', imageUrl: 'https://images.example/7.jpg' },
      ],
    },
    ...change,
  };
}

/** An export with an open question. */
export function aDetail(change: Partial<ExportDetail> = {}): ExportDetail {
  const { issueId = 'one' } = change;
  return {
    issueId,
    issueName: 'Blurred plates',
    project: 'roads',
    revision,
    attempt: 1,
    stage: 'awaiting-approval',
    destination: 'labelbox',
    leftOut: {},
    chunks: { total: 12, done: 0 },
    queued: 0,
    log: [],
    labels: { planned: 1200, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 },
    approval: { needed: true, upTo: 0, question: 1, expiresAt: '2026-12-01T00:00:00.000Z' },
    workflowId: `export-issue-${issueId}`,
    isOpen: true,
    source: 'temporal',
    plan: aPlanDetail(),
    pending: [],
    decisions: [],
    refusals: [],
    reports: [],
    inbox: [],
    dropped: [],
    links,
    ...change,
  };
}

/** The same export while its labels are sent. */
export function sending(relabeled: number, change: Partial<ExportDetail> = {}): ExportDetail {
  const labels = { planned: 1200, relabeled, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 };
  return aDetail({ stage: 'sending', labels, approval: { needed: true, upTo: 1200 }, ...change });
}

export function ended(outcome: 'completed' | 'rejected', change: Partial<ExportDetail> = {}): ExportDetail {
  return sending(outcome === 'completed' ? 1200 : 0, { stage: outcome, outcome, isOpen: false, ...change });
}

/** An ended export with a problem, a report, and two decisions that came with a token. */
export function anExportWithProblems(change: Partial<ExportDetail> = {}): ExportDetail {
  const labels = { planned: 1200, relabeled: 1176, alreadyGone: 12, refused: 7, unconfirmed: 5, withheld: 0 };
  return aDetail({
    stage: 'completed-with-problems',
    outcome: 'completed-with-problems',
    isOpen: false,
    labels,
    chunks: { total: 13, done: 13 },
    approval: { needed: true, upTo: 1200 },
    decisions: [
      {
        decision: 'approve',
        revision,
        by: 'ann',
        at: '2026-11-24T10:20:00.000Z',
        reason: 'Looked at twenty of them.',
        upTo: 200,
      },
      {
        decision: 'approve',
        revision,
        by: 'ann',
        at: '2026-11-24T10:40:00.000Z',
        reason: 'The first 200 look right.',
      },
    ],
    log: [
      { at: '2026-11-24T10:20:01.000Z', text: 'ann (token) approved labels 1 to 200 of 1200.' },
      {
        at: '2026-11-24T10:31:00.000Z',
        text: '"bob" (claimed) decided nothing: labels 1 to 200 are approved already.',
      },
      { at: '2026-11-24T10:40:01.000Z', text: 'ann (token) approved labels 201 to 1200 of 1200.' },
    ],
    refusals: [
      {
        from: 801,
        to: 900,
        at: '2026-11-24T10:41:12.000Z',
        because: 'the service refused some of the labels',
        detail: 'LabelNotFound: 7 ids do not belong to the project',
      },
    ],
    reports: [
      {
        revision,
        attempt: 1,
        outcome: 'completed-with-problems',
        receivedAt: '2026-11-24T10:02:03.000Z',
        endedAt: '2026-11-24T10:43:00.000Z',
        labels,
        decisions: [
          {
            upTo: 200,
            who: 'ann (token)',
            at: '2026-11-24T10:20:00.000Z',
            reason: 'Looked at twenty of them.',
          },
          {
            upTo: 1200,
            who: 'ann (token)',
            at: '2026-11-24T10:40:00.000Z',
            reason: 'The first 200 look right.',
          },
        ],
        links: { json: 'https://requeue.example/r.json', csv: 'https://requeue.example/r.csv' },
      },
    ],
    ...change,
  });
}
