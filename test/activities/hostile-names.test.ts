import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { cutToBytes } from '../../src/text/cut';
import { ActivityHarness } from '../support/harness/activity-harness';
import { aCrop, aFrame, aLabel, aRoute } from '../support/builders';
import { formulasIn } from '../support/csv-readers';
import { acceptedIds, hostileNames } from '../support/hostile-names';
import { tempFolder } from '../payloads/temp-folder';

const folder = tempFolder();
const texts = hostileNames.map(({ text }) => text);

/** A crop for every text: its label id, its element id and its class; and a frame, which is left out. */
const elements = [
  ...texts.map((text) => aCrop(text, { labels: [aLabel(text, { label: text })], element_id: text })),
  ...texts.map((text) => aFrame(text, [])),
];

/** A cell as a spreadsheet should show it, without characters that it or the file cannot hold. */
const cell = (text: string) =>
  text
    .replace(/(^|[,;\t\r\n])(?=[" ]*[=+\-@＝＋－＠])/g, "$1'")
    .replace(/^(?=[\t\r\n])/, "'")
    .replace(
      /(?![\t\r\n])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

let harness: ActivityHarness;
let plan: Awaited<ReturnType<ActivityHarness['complete']>>;

beforeAll(async () => {
  harness = new ActivityHarness(join(folder, 'one'));
  const issue = { id: acceptedIds[20]!, name: texts.at(-1)! };
  const request = await harness.accept(
    elements,
    { issueId: issue.id, issueName: 'cut', project: 'street-scenes' },
    { issue },
  );
  plan = await harness.complete(request);
});

it('The worker plans, sends and reports every label id verbatim', () => {
  expect(harness.labels(plan.ref).map(({ labelId }) => labelId)).toEqual(texts);
  expect(harness.service.calls.map(({ labelIds }) => labelIds)).toEqual([texts]);
  const report = harness.reportJson(plan.ref);
  expect(report).toMatchObject({ issueId: acceptedIds[20], issueName: texts.at(-1), outcome: 'completed' });
  expect(report.labels.map(({ labelId, elementId }) => [labelId, elementId])).toEqual(
    texts.map((text) => [text, text]),
  );
  expect(report.leftOut.map(({ elementId }) => elementId)).toEqual(texts);
});

it('The worker writes a report.csv without formulas, which another parser reads back', () => {
  const rows = parse(harness.text(plan.ref, 'report.csv'), {
    columns: true,
    record_delimiter: '\r\n',
  }) as Record<string, string>[];
  expect(rows.map(({ label_id: id }) => id)).toEqual([...texts.map(cell), ...texts.map(() => '')]);
  expect(rows.map(({ element_id: id }) => id)).toEqual([...texts, ...texts].map(cell));
  const ids = rows.slice(0, texts.length).map((row) => JSON.parse(row['element_ids']!) as unknown);
  expect(ids).toEqual(texts.map((text) => [text]));
  for (const row of rows) {
    expect(Object.keys(row)).toHaveLength(14);
    expect(row).toMatchObject({
      outcome: row['position'] === '' ? 'left-out' : 'relabeled',
      repeated: 'false',
    });
    for (const value of Object.values(row)) expect(value).not.toMatch(/^[=+\-@＝＋－＠\t\r\n]/);
  }
  expect(formulasIn(harness.text(plan.ref, 'report.csv'))).toEqual([]);
});

it('The worker keeps issues with similar ids apart, and writes only inside the store', async () => {
  const own = new ActivityHarness(join(folder, 'apart'));
  const ids = ['abc', 'Abc', 'ABC', 'caf\u00E9', 'cafe\u0301', '.', '..', '../abc', '%2e%2e%2fabc'];
  for (const id of ids)
    await own.complete(await own.accept([aCrop(`label of ${id}`)], { issueId: id }, { issue: { id } }));
  expect(own.service.calls.map(({ labelIds }) => labelIds)).toEqual(ids.map((id) => [`label of ${id}`]));
  expect(readdirSync(join(folder, 'apart', 'exports'))).toHaveLength(ids.length);
  expect(readdirSync(folder).sort()).toEqual(['apart', 'one']);
});

it.each(
  hostileNames.filter(
    ({ asIssueId }) => asIssueId === 'issue-id-lone-surrogate' || asIssueId === 'issue-id-too-long',
  ),
)('The worker reports in one sentence that the project $what has no route', async ({ text }) => {
  const own = new ActivityHarness(join(folder, 'routes'));
  own.restart({ routes: [aRoute({ project: 'another' })] });
  const failed = await own.prepare(
    await own.accept([aCrop('label-1')], { project: cutToBytes(text, 200) }, { project: text }),
  );
  const reason = expect.stringMatching(
    /^The project ".*" has no route, and there is no route "\*"\.$/,
  ) as string;
  expect(failed).toMatchObject({ kind: 'failed', reason });
  expect(JSON.stringify(failed).length).toBeLessThan(1000);
});
