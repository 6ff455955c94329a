import { planLines } from '../../../src/cli/output/plan-lines';
import { aPlanDetail } from '../../support/api-answers';

const names = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `class-${at}`, labels: count - at }));

/** The line about classes. */
function classes(count: number, other: number): string {
  const plan = aPlanDetail();
  const summary = plan.summary && { ...plan.summary, classes: { top: names(count), other } };
  return (
    planLines({ ...plan, ...(summary ? { summary } : {}) }, 0).find((line) => line.startsWith('  class ')) ??
    ''
  );
}

it('The line about classes separates classes that are not shown from labels without a known class', () => {
  expect(classes(8, 0)).toMatch(/, class-7 1$/);
  expect(classes(9, 0)).toMatch(/, class-7 2, and 1 more \(1 label\)$/);
  expect(classes(10, 0)).toMatch(/, class-7 3, and 2 more \(3 labels\)$/);
  expect(classes(10, 5)).toMatch(/, class-7 3, and 2 more \(3 labels\), other or no class 5$/);
  expect(classes(1, 5)).toMatch(/class-0 1, other or no class 5$/);
});

it('A sample label shows its image, or why it has none', () => {
  const plan = aPlanDetail();
  const sample = [
    { position: 1, labelId: 'a', className: 'car', imageUrl: 'https://images.example/a.png' },
    { position: 2, labelId: 'b', noImage: 'the label is on no image' },
    { position: 3, labelId: 'c' },
  ];
  expect(planLines({ ...plan, summary: { ...plan.summary, sample } }, 5).slice(-3)).toEqual([
    '  sample        1. a (car) https://images.example/a.png',
    '                2. b no image: the label is on no image',
    '                3. c',
  ]);
});

it('The warnings of a plan come before what is new', () => {
  const plan = aPlanDetail();
  const warnings = [{ warning: 'several-frames', labels: 2, message: 'Two label ids\u001b.' } as const];
  const lines = planLines({ ...plan, summary: { ...plan.summary, warnings } }, 0);
  expect(lines.at(-2)).toBe('  warning       Two label ids\\u001b.');
});
