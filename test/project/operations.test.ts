import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labelOutcomes } from '../../src/domain/label-outcome';
import { problemReasons } from '../../src/domain/plan';
import { allStages } from '../../src/domain/stage';

const root = resolve(__dirname, '../..');
const operations = readFileSync(join(root, 'docs/errors.md'), 'utf8');
/** Calls that make a refusal: a status, then the name; `fault` and `refused` have a status of their own; a table has both in brackets. */
const naming =
  /(?:new (?:Refusal|BodyError)\(\s*\d+,\s*|\bfault\(\s*|\brefused\(\s*|: \[\d{3}, )'([a-z0-9-]+)'/g;

it('docs/errors.md explains every error that the gateway answers', () => {
  const names = [...sourcesOf('gateway'), ...sourcesOf('export-body')].flatMap((source) =>
    [...source.matchAll(naming)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(30);
  expect([...new Set(names)].filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
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
  expect(words.filter((word) => !operations.includes(`\`${word}\``))).toEqual([]);
});

it('links between the documents lead somewhere', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/operations.md',
    'examples/README.md',
  ];
  const broken = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
      .map(([, target]) => join(root, document, '..', target ?? ''))
      .filter((path) => !exists(path)),
  );
  expect(broken).toEqual([]);
});

function sourcesOf(folder: string): string[] {
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
