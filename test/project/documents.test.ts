import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labelOutcomes } from '../../src/domain/label-outcome';
import { problemReasons } from '../../src/domain/plan';
import { allStages } from '../../src/domain/stage';
import { bodyRefusals } from '../../src/export-body/body-error';
import { refusals } from '../../src/gateway/http/refusals';

const root = resolve(__dirname, '../..');
const errors = readFileSync(join(root, 'docs/errors.md'), 'utf8');
/** The worker answers one by itself: `answer(response, 503, { error: 'no-metrics'`. */
const workerFaults = readSources('telemetry').flatMap((source) =>
  [...source.matchAll(/answer\(response, (\d+), \{\s*error: '([a-z0-9-]+)'/g)].map(
    ([, status, name]) => `${status} \`${name}\``,
  ),
);
const answered = new Set([
  ...workerFaults,
  ...Object.entries(refusals).map(([name, { status }]) => `${status} \`${name}\``),
  ...Object.entries(bodyRefusals).map(([name, status]) => `${status} \`${name}\``),
]);

it('docs/errors.md explains every refusal of the gateway with its status', () => {
  expect(Object.keys(bodyRefusals).length).toBeGreaterThan(20);
  expect(Object.keys(refusals).length).toBeGreaterThan(50);
  expect([...answered].filter((refusal) => !errors.includes(refusal))).toEqual([]);
});

it('docs/errors.md explains no refusal that Requeue does not have', () => {
  const rows = errors.split('\n').filter((line) => /^\| \d{3} `/.test(line));
  const explained = rows.flatMap((row) => row.split(' | ')[0]!.match(/\d{3} `[a-z0-9-]+`/g) ?? []);
  expect(explained.length).toBeGreaterThan(60);
  expect(explained.filter((refusal) => !answered.has(refusal))).toEqual([]);
});

it('docs/errors.md explains every stage, outcome and reason', () => {
  const words = [
    ...allStages,
    ...labelOutcomes,
    ...problemReasons,
    'withheld',
    'frame',
    'no-labels',
    'same-label',
    'already-relabeled',
  ];
  expect(words.length).toBeGreaterThan(18);
  expect(words.filter((word) => !errors.includes(`\`${word}\``))).toEqual([]);
});

it('Links between the documents lead to existing files', () => {
  const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
  expect(documents.length).toBeGreaterThan(20);
  const broken = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => join(root, document, '..', target ?? ''))
      .filter((path) => !exists(path)),
  );
  expect(broken).toEqual([]);
});

function readSources(folder: string): string[] {
  const files = readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, 'src', folder, file), 'utf8'));
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
