import { pluralize } from '../../text/pluralize';
import { formatNumber } from '../../text/format-number';
import type { NamedCounts, SampleLabel } from '../../domain/plan-summary';
import { printable } from '../../text/printable';
import type { PlanDetail } from '../../gateway/api/operator-api';
import { cutWithEllipsis } from './cut-with-ellipsis';
import { formatDuration } from '../../text/duration';

/** Names shown of each kind; `--json` has more. */
const namesShown = 8;
const nameLength = 60;

/** A plan as its approver wants it: how much, of what, what not, how long, and labels to look at. */
export function planLines(plan: PlanDetail, samples: number): string[] {
  const { labels, elements, leftOut, summary } = plan;
  return [
    `  ${pluralize(labels, 'label')} of ${pluralize(elements, 'element')} in ${pluralize(summary.frames, 'frame')}`,
    `  to            ${printable(plan.destination)}, project ${printable(plan.destinationProject)}: ${describeCalls(plan)}`,
    ...namesLine('class', summary.classes),
    ...namesLine('dataset', summary.datasets),
    ...namesLine('inference set', summary.inferenceSets),
    ...(Object.keys(leftOut).length > 0 ? [`  left out      ${leftOutWords(leftOut)}`] : []),
    `  new           ${newWords(plan)}`,
    ...summary.sample
      .slice(0, samples)
      .map((label, at) => `  ${at === 0 ? 'look at' : '       '}       ${sampleWords(label)}`),
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
    .slice(0, namesShown)
    .map(({ name, labels }) => `${printable(cutWithEllipsis(name, nameLength))} ${formatNumber(labels)}`);
  const rest = other > 0 ? `, others or none ${formatNumber(other)}` : '';
  return [`  ${kind.padEnd(13)} ${names.join(', ')}${moreWords(top.slice(namesShown))}${rest}`];
}

function moreWords(more: NamedCounts['top']): string {
  if (more.length === 0) return '';
  const sum = more.reduce((labels, one) => labels + one.labels, 0);
  return `, and ${formatNumber(more.length)} more (${pluralize(sum, 'label')})`;
}

function leftOutWords(leftOut: PlanDetail['leftOut']): string {
  return Object.entries(leftOut)
    .map(([reason, count]) => `${formatNumber(count)} ${reason}`)
    .join(', ');
}

function newWords({ labels, leftOut, force }: PlanDetail): string {
  if (force) return 'everything is sent again, whatever earlier exports did';
  const before = leftOut['already-relabeled'] ?? 0;
  if (before === 0)
    return `${pluralize(labels, 'label')}; none was relabeled by an earlier export of this issue`;
  return `${pluralize(labels, 'label')}; ${formatNumber(before)} more were relabeled by earlier exports of this issue and stay as they are`;
}

function sampleWords({ position, labelId, className, imageUrl }: SampleLabel): string {
  const shown = printable(cutWithEllipsis(labelId, nameLength));
  return `${formatNumber(position)}. ${shown}${className === undefined ? '' : ` (${printable(cutWithEllipsis(className, nameLength))})`}${imageUrl === undefined ? '' : ` ${printable(imageUrl)}`}`;
}
