import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { selectLabels } from '../../src/activities/plan/select-labels';
import { parseElement } from '../../src/export-body/parse-element';

const folder = resolve(__dirname, '../../examples');
const bytes = readFileSync(join(folder, 'issue-exported.json'));
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

it('examples/README.md says what becomes of each element of the example', () => {
  const { issue } = JSON.parse(bytes.toString('utf8')) as { issue: { elements: unknown[] } };
  const seen: string[] = [];
  const becomes = issue.elements.map((element, index) => becomesOf(element, index, seen));
  const rows = [...readme.matchAll(/^\| (\d+) \|.*\| (?:(label \d+)|left out: `([a-z-]+)`.*) \|$/gm)];
  expect(rows.map(([, index]) => Number(index))).toEqual(issue.elements.map((_, index) => index));
  expect(rows.map(([, , label, reason]) => label ?? reason)).toEqual(becomes);
});

it('examples/README.md names the revision of the example', () => {
  expect(readme).toContain(`revision \`${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}\``);
});

/** With the default route, in the words of the README's table. */
function becomesOf(value: unknown, index: number, seen: string[]): string {
  const parsed = parseElement(value);
  if (parsed.kind === 'invalid') return 'invalid';
  const { labels, leftOut } = selectLabels(parsed.element, index, {
    crops: 'matching',
    frames: 'skip',
    labelId: 'uuid',
    onInvalid: 'skip',
    resend: 'new',
  });
  const [label] = labels;
  if (!label) return leftOut[0]?.reason ?? 'nothing';
  if (seen.includes(label.labelId)) return 'same-label';
  return `label ${seen.push(label.labelId)}`;
}
