import { pluralize } from '../../text/pluralize';
import { formatNumber } from '../../text/format-number';
import type { NamedCounts, SampleLabel } from '../../domain/plan-summary';
import { printable } from '../../text/printable';
import type { PlanDetail } from '../../gateway/api/operator-api';
import { cutWithEllipsis } from '../../text/cut';
import { formatDuration } from '../../text/duration';

/** Maximum names shown per kind. `--json` prints more. */
const maxNames = 8;
const maxNameUnits = 60;

/** Describes a plan for its approver: what is sent and left out, the time it takes, and labels to check. */
export function planLines(plan: PlanDetail, samples: number): string[] {
  const { labels, elements, leftOut, summary } = plan;
  return [
    `  ${pluralize(labels, 'label')} of ${pluralize(elements, 'element')} in ${pluralize(summary.frames, 'frame')}`,
    `  to            ${printable(plan.destination)}, project ${printable(plan.destinationProject)}: ${describeCalls(plan)}`,
    ...namesLine('class', summary.classes),
    ...namesLine('dataset', summary.datasets),
    ...namesLine('inference set', summary.inferenceSets),
    ...(Object.keys(leftOut).length > 0 ? [`  left out      ${describeLeftOut(leftOut)}`] : []),
    ...(summary.warnings ?? []).map(({ message }) => `  warning       ${printable(message)}`),
    `  new           ${describeNew(plan)}`,
    ...summary.sample
      .slice(0, samples)
      .map((label, index) => `  ${(index === 0 ? 'sample' : '').padEnd(13)} ${describeSample(label)}`),
  ];
}

function describeCalls({ calls, seconds }: PlanDetail): string {
  const time =
    seconds === undefined
      ? 'no rate is configured'
      : `at least ${formatDuration(seconds * 1000, 'coarse')} at the configured rate`;
  return `${pluralize(calls, 'call')}, ${time}`;
}

function namesLine(kind: string, { top, other }: NamedCounts): string[] {
  if (top.length === 0) return [];
  const names = top
    .slice(0, maxNames)
    .map(({ name, labels }) => `${printable(cutWithEllipsis(name, maxNameUnits))} ${formatNumber(labels)}`);
  const rest = other > 0 ? `, other or no ${kind} ${formatNumber(other)}` : '';
  return [`  ${kind.padEnd(13)} ${names.join(', ')}${describeRest(top.slice(maxNames))}${rest}`];
}

function describeRest(more: NamedCounts['top']): string {
  if (more.length === 0) return '';
  const sum = more.reduce((labels, name) => labels + name.labels, 0);
  return `, and ${formatNumber(more.length)} more (${pluralize(sum, 'label')})`;
}

function describeLeftOut(leftOut: PlanDetail['leftOut']): string {
  return Object.entries(leftOut)
    .map(([reason, count]) => `${formatNumber(count)} ${reason}`)
    .join(', ');
}

function describeNew({ labels, leftOut, force }: PlanDetail): string {
  if (force) return 'everything is sent again (force), including labels that an earlier export relabeled';
  const before = leftOut['already-relabeled'] ?? 0;
  if (before === 0)
    return `${pluralize(labels, 'label')}; none was relabeled by an earlier export of this issue`;
  return `${pluralize(labels, 'label')}; ${formatNumber(before)} left out because earlier exports of this issue relabeled them`;
}

function describeSample({ position, labelId, className, imageUrl, noImage }: SampleLabel): string {
  const named = className === undefined ? '' : ` (${printable(cutWithEllipsis(className, maxNameUnits))})`;
  const image = imageUrl === undefined ? '' : ` ${printable(imageUrl)}`;
  const missing = noImage === undefined ? '' : ` no image: ${printable(noImage)}`;
  return `${formatNumber(position)}. ${printable(cutWithEllipsis(labelId, maxNameUnits))}${named}${image}${missing}`;
}
