import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** Words that made a reader stop, with what to write instead. */
const unclear: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bkeeps? up (?!to date|with)/i, 'delays, blocks'],
  [/\b(is|are|was|were|be|been) told\b/i, 'gets, reads, knows'],
  [/\b(nobody|somebody)\b/i, 'name the actor: the operator, the worker, no process'],
  [/\bfor ever\b/i, 'permanently, without end'],
  [/\b(stands? (there|in|beside|where)|what stands)\b/i, 'is in, lies in'],
  [/\bgoes on\b/i, 'continues'],
  [/\bmended\b/i, 'repaired'],
  [/(?<!thing )\belse[.;]/i, 'otherwise'],
  [/\bas such\b/i, 'leave it out'],
  [/\bof old\b/i, 'older, earlier'],
  [/\bwould be believed\b/i, 'would be used'],
  [/\blets? (\w+ )?go\b/i, 'releases, sends'],
  [/\bthe (design|contract)\b(?! test)/i, 'the document or the reason itself'],
];

const folders = ['src', 'docs', 'test', 'scripts', 'findings', '.ci'];

/** Everything that a person reads: sentences of the product, comments, titles, documents. Code has its own checks. */
const files = execFileSync(
  'git',
  ['ls-files', ...folders, 'examples/README.md', 'README.md', 'CONTRIBUTING.md'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((file) => /\.(ts|js|mjs|sh|md)$|^\.ci\//.test(file))
  .filter((file) => file !== 'test/project/plain-english.test.ts'); // it lists the words

it.each(unclear)('No sentence says %s (write: %s)', (pattern) => {
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : [])),
  );
  expect(files.length).toBeGreaterThan(500);
  expect(found).toEqual([]);
});

it('No document and no comment cites a document that is not in the repository', () => {
  const found = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/(?<![\w/-])([a-z][a-z-]*\.md)\b/g)]
      .map(([, name = '']) => name)
      .filter((name) => !execFileSync('git', ['ls-files', `*${name}`], { cwd: root, encoding: 'utf8' }))
      .map((name) => `${file}: ${name}`),
  );
  expect(found).toEqual([]);
});
