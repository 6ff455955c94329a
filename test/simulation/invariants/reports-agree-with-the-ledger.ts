import { type Facts, folderOf, sha256, type StoredReport } from '../facts';
import type { Invariant } from './invariant';
import { parseCsv } from './parse-csv';

/** Relaxed for an attempt whose files were damaged: its report says what it could still read. */
export const reportsAgreeWithTheLedger: Invariant = {
  name: 'reports-agree-with-the-ledger',
  promise:
    'A report has the outcome of each label as the service knows it, counts them right, and says the same in report.csv.',
  watch: (facts, fail) => ({
    atEnd() {
      for (const report of facts.readReports()) {
        checkCounts(report, fail);
        if (facts.isDamaged(folderOf(report.key))) continue;
        checkOutcomes(facts, report, fail);
        checkCsv(facts, report, fail);
      }
    },
  }),
};

type Fail = (sentence: string) => void;

const countedAs: Readonly<Record<string, string>> = {
  relabeled: 'relabeled',
  'already-gone': 'alreadyGone',
  refused: 'refused',
  unconfirmed: 'unconfirmed',
  withheld: 'withheld',
};

function checkCounts({ key, counts, labels }: StoredReport, fail: Fail): void {
  for (const [outcome, name] of Object.entries(countedAs)) {
    const counted = labels.filter((label) => label.outcome === outcome).length;
    if (counts[name] !== counted)
      fail(`${key} counts ${counts[name] ?? 'no'} ${outcome} labels, and lists ${counted}.`);
  }
  if (counts['planned'] !== labels.length)
    fail(`${key} counts ${counts['planned']} planned labels, and lists ${labels.length}.`);
}

function checkOutcomes(facts: Facts, report: StoredReport, fail: Fail): void {
  const { labeling } = facts.world;
  const executed = facts.callsOf(report.requestId).flatMap((call) => call.executed);
  for (const { labelId, outcome } of report.labels) {
    const where = `Label ${labelId} in ${report.key}`;
    const isExecuted = executed.includes(labelId);
    if (isExecuted && (outcome === 'withheld' || outcome === 'refused'))
      fail(`${where} was relabeled, and the report says ${outcome}.`);
    // a service that wrongly says that it lacks a label after a lost call seems to have relabeled it
    const seemsDone = labeling.wasRelabeled(labelId) || labeling.saidUnknown.has(labelId);
    if (!isExecuted && outcome === 'relabeled' && !seemsDone)
      fail(`${where} was never relabeled, and the report says it was.`);
    if (outcome === 'already-gone' && !labeling.saidUnknown.has(labelId))
      fail(`${where} is already gone, and the service never said so.`);
  }
}

function checkCsv(facts: Facts, { key, labels, csvSha256 }: StoredReport, fail: Fail): void {
  const csvKey = key.replace(/json$/, 'csv');
  const bytes = facts.world.disk.files.get(csvKey);
  if (!bytes) return fail(`${key} has no ${csvKey}.`);
  if (sha256(bytes) !== csvSha256) fail(`${csvKey} is not the one whose hash is in ${key}.`);
  const [header = [], ...rows] = parseCsv(bytes.toString('utf8'));
  const cell = (row: readonly string[], name: string) => row[header.indexOf(name)] ?? '';
  const inCsv = rows
    .filter((row) => cell(row, 'outcome') !== 'left-out')
    .map((row) => ['label_id', 'outcome', 'repeated'].map((name) => cell(row, name)).join(' '));
  const inJson = labels.map(({ labelId, outcome, repeated }) => `${labelId} ${outcome} ${repeated}`);
  if (inCsv.join() !== inJson.join()) fail(`${csvKey} has ${inCsv.join()}, and ${key} has ${inJson.join()}.`);
}
