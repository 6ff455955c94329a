import { existsSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PreparedPlan } from '../../src/activities/contracts';
import type { ExportRequest } from '../../src/domain/request';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { deliveryKey } from '../../src/payloads/keys';
import { activityHarnesses, ActivityHarness } from '../support/harness/activity-harness';
import { aFrame, crops } from '../support/builders';
import { openVolume, type Volume } from '../support/volume';

const newHarness = activityHarnesses();

describe('A worker whose store fails', () => {
  let volume: Volume;
  let harness: ActivityHarness;
  let request: ExportRequest;
  beforeEach(async () => {
    volume = openVolume(4);
    const folder = join(volume.folder, 'store');
    harness = new ActivityHarness(folder);
    request = await harness.accept(crops(4));
    harness.restart({}, volume.on(createFolderStore({ folder })));
  });
  afterEach(() => volume.remove());

  const isFull = (doing: string): string =>
    `The payload store failed while ${doing}: it is full (ENOSPC). Temporal retries.`;

  it('The worker makes no partial plan on a full disk, and plans once there is room', async () => {
    volume.fill();
    await expect(harness.prepare(request)).rejects.toThrow(isFull('preparing the export'));
    expect(harness.staged()).toEqual([]);
    volume.free();
    const { ref } = await harness.plan(request);
    expect(harness.labels(ref)).toHaveLength(4);
  });

  it('The worker makes no call on a full disk, where it cannot write the sent-mark, and one call once there is room', async () => {
    const { ref } = await harness.plan(request);
    volume.fill();
    await expect(harness.relabel(ref, 0, 4)).rejects.toThrow(isFull('relabeling a chunk'));
    expect(harness.service.calls).toEqual([]);
    expect([harness.files(ref, 'receipts'), harness.staged()]).toEqual([[], []]);
    volume.free();
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({
      kind: 'done',
      relabeled: 4,
      repeated: false,
    });
    expect(harness.service.calls).toHaveLength(1);
  });

  it('A disk that fills up during a call keeps the sent-mark, and the receipt of the retry is marked as repeated', async () => {
    const { ref } = await harness.plan(request);
    harness.service.next(() => {
      volume.fill();
      return undefined;
    });
    await expect(harness.relabel(ref, 0, 4)).rejects.toThrow(isFull('relabeling a chunk'));
    expect([harness.files(ref, 'receipts'), harness.staged()]).toEqual([['0-4.sent'], []]);
    volume.free();
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({
      kind: 'done',
      relabeled: 4,
      repeated: true,
    });
  });

  it('A read-only disk keeps the inbox entry until the report is written', async () => {
    const plan = await harness.plan(request);
    await harness.relabel(plan.ref, 0, 4);
    volume.readOnly();
    await expect(harness.end(request, plan.ref)).rejects.toThrow(
      'The payload store failed while writing the report: it is read-only (EROFS). Temporal retries.',
    );
    expect(harness.inbox()).toEqual([request.requestId]);
    expect(harness.files(plan.ref)).not.toContain('report.json');
    volume.writable();
    expect(await harness.end(request, plan.ref)).toMatchObject({ outcome: 'completed' });
    expect(harness.inbox()).toEqual([]);
  });

  it('An unmounted disk fails no export, and the export continues once the disk is mounted', async () => {
    volume.unmount();
    await expect(harness.prepare(request)).rejects.toThrow(
      /^The payload store failed while preparing the export: (ENOENT|ENODEV)\. Temporal retries\.$/,
    );
    volume.mount();
    const { ref } = await harness.plan(request);
    volume.unmount();
    await expect(harness.relabel(ref, 0, 4)).rejects.toMatchObject({
      type: 'StoreError',
      nonRetryable: false,
    });
    expect(harness.service.calls).toEqual([]);
    volume.mount();
    expect(await harness.relabel(ref, 0, 4, { attempt: 2 })).toMatchObject({ kind: 'done', relabeled: 4 });
  });

  it('The worker continues with the plan of a store that was removed and restored', async () => {
    const { ref } = await harness.plan(request);
    const saved = new Map(
      ['plan.json', 'labels.ndjson', 'labels.index', 'left-out.ndjson'].map((name) => [
        name,
        readFileSync(harness.path(ref, name)),
      ]),
    );
    rmSync(join(harness.folder, 'exports'), { recursive: true });
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({
      kind: 'needs-person',
      because: expect.stringContaining('plan.json') as string,
    });
    const again = await harness.plan(request); // the same request plans the same attempt again
    expect(again.ref).toEqual(ref);
    for (const [name, bytes] of saved) writeFileSync(harness.path(ref, name), bytes);
    expect(await harness.relabel(ref, 0, 4)).toMatchObject({ kind: 'done', relabeled: 4 });
  });
});

describe('A changed file', () => {
  let harness: ActivityHarness;
  let request: ExportRequest;
  let plan: PreparedPlan;
  beforeEach(async () => {
    harness = newHarness();
    request = await harness.accept([...crops(4), aFrame('a-frame', ['x'])]);
    plan = await harness.plan(request);
  });

  const path = (name: string): string => harness.path(plan.ref, name);
  const changes: readonly [string, (path: string) => void][] = [
    ['gone', (file) => unlinkSync(file)],
    ['empty', (file) => truncateSync(file, 0)],
    ['cut in its middle', (file) => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['a byte shorter', (file) => truncateSync(file, readFileSync(file).length - 1)],
    ['a byte longer', (file) => writeFileSync(file, ' ', { flag: 'a' })],
    ['of zeros', (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length))],
    ['changed in a bit', (file) => harness.flipByte(file, Math.floor(readFileSync(file).length / 3))],
    [
      'that of another attempt',
      (file) =>
        writeFileSync(
          file,
          readFileSync(file)
            .toString('latin1')
            .replaceAll('label-1', 'label-9')
            .replace('"attempt":1', '"attempt":7'),
          'latin1',
        ),
    ],
  ];
  const planFiles = ['plan.json', 'labels.ndjson', 'labels.index', 'left-out.ndjson'];

  it.each(planFiles.flatMap((name) => changes.map(([how, change]) => [name, how, change] as const)))(
    'A changed file of the plan (%s, %s) pauses the export before anything is sent, and the reason names it',
    async (name, how, change) => {
      const holdsNoNames = name === 'labels.index' || name === 'left-out.ndjson';
      if (holdsNoNames && how === 'that of another attempt') harness.flipByte(path(name), 8);
      change(path(name));
      const result = await harness.relabel(plan.ref, 0, 4);
      const harmless = name === 'plan.json' && (how === 'a byte shorter' || how === 'a byte longer'); // white space behind the JSON
      if (harmless) expect(result).toMatchObject({ kind: 'done', relabeled: 4 });
      else {
        expect(result).toMatchObject({
          kind: 'needs-person',
          because: expect.stringContaining(`${name} of attempt 1`) as string,
        });
        expect(harness.service.calls).toEqual([]);
      }
    },
  );

  it.each(changes.slice(0, -1))(
    'A changed delivery (%s) gets no plan, and the reason names it',
    async (_, change) => {
      const other = await harness.accept(
        crops(3, 'other'),
        {},
        { issue: { id: 'issue-1', name: 'another body' } },
      );
      change(join(harness.folder, deliveryKey(other.sha256)));
      const prepared = await harness.prepare(other);
      expect(prepared).toMatchObject({
        kind: 'failed',
        reason: expect.stringMatching(
          new RegExp(`^Delivery ${other.revision} (was changed|is missing).*Nothing was sent\\.$`),
        ) as string,
      });
      expect(harness.service.calls).toEqual([]);
    },
  );

  it.each(changes.filter(([how]) => !['gone', 'a byte shorter', 'a byte longer'].includes(how)))(
    'A changed receipt (%s) counts as a lost answer: the report states it, a retry is marked as repeated, and a later export pauses',
    async (_, change) => {
      await harness.relabel(plan.ref, 0, 4);
      change(path('receipts/0-4.json'));
      const later = await harness.prepare(await harness.accept(crops(5)));
      expect(later).toMatchObject({
        kind: 'needs-person',
        because: expect.stringMatching(
          /^receipts\/0-4\.json of attempt 1 at revision [0-9a-f]{12} .*Nothing was sent\. Restore it and resume/,
        ) as string,
      });
      await harness.end(request, plan.ref);
      expect(harness.reportJson(plan.ref).labels).toMatchObject(
        Array.from({ length: 4 }, (__, at) => ({
          labelId: `label-${at}`,
          outcome: 'unconfirmed',
          chunk: '0-4',
          reason: 'The receipt cannot be read: it was changed or truncated.',
        })),
      );
      unlinkSync(path('report.json')); // with a report, nothing more is sent
      expect(await harness.relabel(plan.ref, 0, 4, { attempt: 2 })).toMatchObject({
        kind: 'done',
        repeated: true,
      });
    },
  );

  it.each(changes.filter(([how]) => !['gone', 'that of another attempt'].includes(how)))(
    'A changed sent-mark (%s) still shows that the labels were sent',
    async (_, change) => {
      harness.service.next(() => {
        throw new Error('the worker is killed here');
      });
      await harness.relabel(plan.ref, 0, 4).catch(() => undefined);
      change(path('receipts/0-4.sent'));
      expect(await harness.relabel(plan.ref, 0, 4, { attempt: 2 })).toMatchObject({
        kind: 'done',
        repeated: true,
      });
    },
  );

  const ofReport = [
    ...changes.slice(0, -1).map((change) => ['left-out.ndjson', ...change] as const),
    ...changes
      .filter(([how]) => how === 'gone' || how === 'changed in a bit')
      .map((change) => ['labels.ndjson', ...change] as const),
  ];

  it.each(ofReport)(
    'A changed file (%s, %s) does not block the report, which names it',
    async (name, _, change) => {
      await harness.relabel(plan.ref, 0, 4);
      change(path(name));
      expect(await harness.end(request, plan.ref)).toMatchObject({
        outcome: 'completed-with-problems',
        labels: { relabeled: 4 },
      });
      expect(existsSync(path('report.csv'))).toBe(true);
      const report = harness.reportJson(plan.ref);
      expect(report).toMatchObject({ leftOutCounts: { frame: 1 } });
      expect(report['reason']).toMatch(
        new RegExp(`^${name} of attempt 1 at revision ${plan.ref.revision} (was changed|is missing)`),
      );
      expect(report.labels.map(({ labelId, outcome }) => [labelId, outcome])).toEqual(
        Array.from({ length: 4 }, (__, at) => [`label-${at}`, 'relabeled']),
      );
    },
  );
});
