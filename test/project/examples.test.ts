import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { selectLabels } from '../../src/activities/plan/select-labels';
import { selectionDefaults } from '../../src/domain/plan';
import { parseElement } from '../../src/export-body/parse-element';

const folder = resolve(__dirname, '../../examples');
const bytes = readFileSync(join(folder, 'issue-exported.json'));
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

it('examples/README.md lists the result for each element of the example', () => {
  const { issue } = JSON.parse(bytes.toString('utf8')) as { issue: { elements: unknown[] } };
  const planned: string[] = [];
  const results = issue.elements.map((element, index) => describeResult(element, index, planned));
  const rows = [...readme.matchAll(/^\| (\d+) \|.*\| (?:(label \d+)|left out: `([a-z-]+)`.*) \|$/gm)];
  expect(rows.map(([, index]) => Number(index))).toEqual(issue.elements.map((_, index) => index));
  expect(rows.map(([, , label, reason]) => label ?? reason)).toEqual(results);
});

it('examples/README.md names the revision of the example', () => {
  expect(readme).toContain(`revision \`${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}\``);
});

/**
 * The result with the default route, worded like the README's table. Appends a planned label to `planned`.
 */
function describeResult(value: unknown, index: number, planned: string[]): string {
  const parsed = parseElement({ value });
  if (parsed.kind === 'invalid') return 'invalid';
  const { labels, leftOut } = selectLabels(parsed.element, index, selectionDefaults);
  const [label] = labels;
  if (!label) return leftOut[0]?.reason ?? 'nothing';
  if (planned.includes(label.labelId)) return 'same-label';
  return `label ${planned.push(label.labelId)}`;
}
