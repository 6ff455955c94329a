import type { ExportDetail, ExportRow, InboxRow } from '../../../src/gateway/api/operator-api';

const sha256 = '86d58b74b4e6'.padEnd(64, '0');

export function aRow(change: Partial<ExportRow> = {}): ExportRow {
  const { issueId = 'a243d381-aa4b-4d28-a7ae-635d36c13ce9' } = change;
  return {
    issueId,
    issueName: 'Blurred plates',
    project: 'street-scenes',
    stage: 'sending',
    isOpen: true,
    destination: 'labelbox',
    labels: { planned: 1200, done: 400 },
    startedAt: new Date(Date.now() - 240_000).toISOString(),
    workflowId: `export-issue-${issueId}`,
    source: 'temporal',
    links: {
      self: `https://requeue.example/exports/${encodeURIComponent(issueId)}`,
      temporal: 'https://temporal.example/workflows/w',
    },
    ...change,
  };
}

export function anInboxRow(change: Partial<InboxRow> = {}): InboxRow {
  return {
    requestId: '20261124T000000000Z-000000000000',
    issueId: 'waits',
    issueName: 'Night crossings',
    project: 'street-scenes',
    revision: sha256.slice(0, 12),
    sha256,
    receivedAt: new Date(Date.now() - 60_000).toISOString(),
    ...change,
  };
}

/** An export that waits for its approval. */
export function aDetail(change: Partial<ExportDetail> = {}): ExportDetail {
  const { issueId = 'a243d381-aa4b-4d28-a7ae-635d36c13ce9' } = change;
  return {
    issueId,
    issueName: 'Blurred plates',
    project: 'street-scenes',
    revision: sha256.slice(0, 12),
    attempt: 1,
    stage: 'awaiting-approval',
    destination: 'labelbox',
    labels: { planned: 1204, relabeled: 0, alreadyGone: 0, refused: 0, unconfirmed: 0, withheld: 0 },
    leftOut: { 'unmatched-crop': 3, 'already-relabeled': 212, frame: 40 },
    chunks: { total: 0, done: 0 },
    approval: {
      needed: true,
      upTo: 0,
      question: 1,
      expiresAt: new Date(Date.now() + 6.5 * 86_400_000).toISOString(),
    },
    queued: 0,
    log: [
      {
        at: '2026-11-24T10:02:11.000Z',
        text: 'Asked whether labels 1 to 1,204 may be sent: 1,204 labels are above 1,000.',
      },
    ],
    workflowId: `export-issue-${issueId}`,
    isOpen: true,
    source: 'temporal',
    plan: {
      plan: 'd1d1d1d1d1d1',
      revision: sha256.slice(0, 12),
      attempt: 1,
      createdAt: '2026-11-24T10:02:10.000Z',
      receivedAt: '2026-11-24T10:02:03.000Z',
      force: false,
      elements: 1459,
      labels: 1204,
      leftOut: { 'unmatched-crop': 3, 'already-relabeled': 212, frame: 40 },
      destination: 'labelbox',
      destinationProject: 'clx8m2p9k0001',
      calls: 13,
      seconds: 130,
      summary: {
        classes: {
          top: [
            { name: 'plate', labels: 903 },
            { name: 'car', labels: 251 },
          ],
          other: 50,
        },
        datasets: { top: [{ name: 'streets-2026-10', labels: 1204 }], other: 0 },
        inferenceSets: { top: [], other: 1204 },
        frames: 611,
        sample: [1, 402, 803, 1204].map((position) => ({
          position,
          labelId: `6f1c9b0e-9f0b-4c38-a1de-${String(position).padStart(12, '0')}`,
          className: position === 803 ? 'car' : 'plate',
          imageUrl: `https://images.example/frames/${position}.jpg`,
        })),
      },
    },
    pending: [],
    decisions: [],
    refusals: [],
    reports: [],
    inbox: [],
    links: {
      self: `https://requeue.example/exports/${encodeURIComponent(issueId)}`,
      temporal: 'https://temporal.example/workflows/w',
    },
    ...change,
  };
}

/** An ended export with a problem, a report, and two decisions that came with a token. */
export function anEndedDetail(change: Partial<ExportDetail> = {}): ExportDetail {
  const labels = { planned: 1204, relabeled: 1180, alreadyGone: 12, refused: 7, unconfirmed: 5, withheld: 0 };
  return aDetail({
    stage: 'completed-with-problems',
    outcome: 'completed-with-problems',
    isOpen: false,
    labels,
    chunks: { total: 13, done: 13 },
    approval: { needed: true, upTo: 1204 },
    decisions: [
      {
        decision: 'approve',
        revision: sha256.slice(0, 12),
        by: 'ann',
        at: '2026-11-24T10:20:00.000Z',
        reason: 'Looked at twenty of them.',
        upTo: 200,
      },
      {
        decision: 'approve',
        revision: sha256.slice(0, 12),
        by: 'ann',
        at: '2026-11-24T10:40:00.000Z',
        reason: 'The first 200 look right.',
      },
    ],
    log: [
      { at: '2026-11-24T10:20:01.000Z', text: 'ann (token) approved labels 1 to 200 of 1204.' },
      {
        at: '2026-11-24T10:31:00.000Z',
        text: '"bob" (claimed) decided nothing: labels 1 to 200 are approved already.',
      },
      { at: '2026-11-24T10:40:01.000Z', text: 'ann (token) approved labels 201 to 1204 of 1204.' },
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
        revision: sha256.slice(0, 12),
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
            upTo: 1204,
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
