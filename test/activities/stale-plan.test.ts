import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ActivityHarness } from '../support/harness/activity-harness';
import type { PreparedPlan } from '../../src/activities/contracts';
import { beforeEachCommit } from '../support/before-each-commit';
import { crops } from '../support/builders';
import { createSentMark } from '../../src/payloads/receipts';
import { tempFolder } from '../payloads/temp-folder';

const root = tempFolder();

it('A plan that was made before another export sent its labels is made again with only new labels, also after a lost database', async () => {
  const harness = new ActivityHarness(root);
  const older = await harness.accept(crops(5));
  const newer = await harness.accept(crops(8));
  await harness.plan(older);
  await harness.plan(newer); // made while the older request waited for approval; then the older one is approved
  await harness.complete(older);
  const afterLoss = await harness.plan(newer); // by a new run, after Temporal's database was lost
  expect(afterLoss.labels).toBe(3);
});

it('A plan that is made again and differs only in its time stays as it is: it may be approved already', async () => {
  const harness = new ActivityHarness(join(root, 'same'));
  const request = await harness.accept(crops(5));
  const first = await harness.plan(request);
  const text = harness.text(first.ref, 'plan.json');
  const again = await harness.plan(request); // by an activity that Temporal had given up, or a later run
  expect(again.planSha256).toBe(first.planSha256);
  expect(harness.text(first.ref, 'plan.json')).toBe(text);
});

it('A plan that was made meanwhile is never replaced: its worker may have been frozen, and it may be approved', async () => {
  const folder = join(root, 'meanwhile');
  const harness = new ActivityHarness(folder);
  const request = await harness.accept(crops(5));
  const frozen = new ActivityHarness(folder);
  let meanwhile: PreparedPlan | undefined;
  frozen.restart(
    {},
    beforeEachCommit(frozen.store, async (key) => {
      if (key.endsWith('/labels.ndjson')) meanwhile ??= await harness.plan(request);
    }),
  );
  await expect(frozen.prepare(request)).rejects.toThrow('Another attempt has made the plan');
  expect(await harness.plan(request)).toEqual(meanwhile);
});

it('A label file that was damaged is written again, although the plan stays', async () => {
  const harness = new ActivityHarness(join(root, 'damaged'));
  const request = await harness.accept(crops(5));
  const { ref } = await harness.plan(request);
  rmSync(harness.path(ref, 'labels.ndjson'));
  await harness.plan(request);
  expect(harness.labels(ref)).toHaveLength(5);
});

describe('After Temporal lost its database, the report of another attempt may answer a request', () => {
  /** The first request has sent labels; then a repeat of it was exported as attempt 2, and is completed. */
  async function answeredByAnother() {
    const harness = new ActivityHarness(mkdtempSync(join(root, 'answered-')));
    const request = await harness.accept(crops(5));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 3);
    await harness.complete(await harness.accept(crops(5), { force: true }));
    return { harness, request, ref };
  }

  it('A look still shows what the request itself has sent, so that nothing supersedes it', async () => {
    const { harness, request, ref } = await answeredByAnother();
    expect(await harness.prepare(request, { onlyLook: true })).toMatchObject({ ref, touchedUpTo: 3 });
    expect(await harness.prepare(request)).toMatchObject({ kind: 'duplicate', ref: { attempt: 2 } });
  });

  it('Its own attempt has no report then, and the next revision does not miss one', async () => {
    const { harness, request, ref } = await answeredByAnother();
    await harness.report({
      kind: 'duplicates',
      ref: { ...ref, attempt: 2 },
      requestIds: [request.requestId],
    });
    const next = await harness.plan(await harness.accept(crops(6)));
    expect(next.labels).toBe(1);
    expect(harness.planFile(next.ref).summary.warnings).toBeUndefined();
  });
});

describe('A call of an attempt without a report got no answer', () => {
  async function unanswered() {
    const harness = new ActivityHarness(mkdtempSync(join(root, 'unanswered-')));
    const request = await harness.accept(crops(5));
    const { ref } = await harness.plan(request);
    await harness.relabel(ref, 0, 3);
    const owner = { activity: 'run-1/1', attempt: 1, scheduledAt: 1 };
    const sentAt = '2026-11-24T00:00:00.000Z';
    await createSentMark(harness.store, ref, { from: 3, to: 5 }, { version: 1, sentAt, noAnswers: 0, owner });
    const warning = `2 labels of attempt 1 at revision ${ref.revision} (request ${request.requestId}) may have been sent: their call got no answer, and the attempt has no report. This plan may send them again.`;
    return { harness, request, ref, warning };
  }
  const messages = (harness: ActivityHarness, { ref }: PreparedPlan) =>
    harness.planFile(ref).summary.warnings?.map(({ message }) => message);

  it('A repeat that is exported in its place says which labels may be sent a second time', async () => {
    const { harness, warning } = await unanswered();
    const repeat = await harness.plan(await harness.accept(crops(5)));
    expect(repeat.labels).toBe(2);
    expect(messages(harness, repeat)).toEqual([warning]);
  });

  it('No later plan says so once the labels are relabeled', async () => {
    const { harness } = await unanswered();
    await harness.complete(await harness.accept(crops(5)));
    const next = await harness.plan(await harness.accept(crops(6)));
    expect(messages(harness, next)).toBeUndefined();
  });

  it('The next revision says so, too, after another report has answered the request', async () => {
    const { harness, request, ref, warning } = await unanswered();
    const forced = await harness.accept(crops(1), { force: true });
    const other = await harness.complete(forced);
    await harness.report({ kind: 'duplicates', ref: other.ref, requestIds: [request.requestId] });
    const next = await harness.plan(await harness.accept(crops(6)));
    expect(ref.revision).not.toBe(next.ref.revision);
    expect(messages(harness, next)).toEqual([warning]);
  });
});
