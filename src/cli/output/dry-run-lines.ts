import { neverAsk } from '../../domain/route';
import { formatNumber } from '../../text/format-number';
import type { LeftOut } from '../../domain/plan';
import { printable } from '../../text/printable';
import { cutWithEllipsis } from './cut-with-ellipsis';
import type { DryRun } from '../dry-run/dry-run';
import { pluralize } from '../../text/pluralize';
import { planLines } from './plan-lines';

const samplesShown = 5;
const idLength = 60;
const detailLength = 160;

/** What an export of a file would do, for a person. A failure is said by the command's error. */
export function dryRunLines(
  made: DryRun,
  { file, folder }: { file: string; folder: string | undefined },
): string[] {
  if (made.result === 'nothing') return [printable(made.because)];
  const known =
    folder === undefined
      ? 'There is no store here: nothing is known of earlier exports.'
      : `Compared with the earlier exports in ${printable(folder)}.`;
  return [
    `${printable(file)}: issue ${printable(made.issueName)} (${printable(made.issueId)}), project ${printable(made.project)}, revision ${made.revision}`,
    known,
    ...resultLines(made),
  ];
}

function resultLines(made: Exclude<DryRun, { result: 'nothing' }>): string[] {
  switch (made.result) {
    case 'failed':
      return [];
    case 'duplicate':
      return [
        `It would send nothing: attempt ${made.attempt} at this revision has ${made.outcome} already. With replay --force all is sent again.`,
      ];
    case 'plan':
      return ['', 'Plan', ...planLines(made.plan, samplesShown), ...exampleLines(made), '', askingLine(made)];
  }
}

type Planned = Extract<DryRun, { result: 'plan' }>;

function exampleLines({ leftOutExamples, plan }: Planned): string[] {
  const groups = Object.entries(leftOutExamples);
  if (groups.length === 0) return [];
  return [
    '',
    'Left out, for example',
    ...groups.flatMap(([reason, lines]) => [
      `  ${reason} (${formatNumber(plan.leftOut[reason as LeftOut['reason']] ?? 0)})`,
      ...lines.map((line) => `    ${exampleWords(line)}`),
    ]),
  ];
}

function exampleWords({ element, elementId, labelId, detail }: LeftOut): string {
  const ids = [elementId, labelId === elementId ? undefined : labelId].filter((id) => id !== undefined);
  const shown = ids.map((id) => ` ${printable(cutWithEllipsis(id, idLength))}`).join(', label');
  return `element ${formatNumber(element + 1)}${shown}: ${printable(cutWithEllipsis(detail, detailLength))}`;
}

function askingLine({ asking: { needed, above, route }, plan: { labels } }: Planned): string {
  const whose = `the route of ${route === '*' ? 'every other project (*)' : printable(route)}`;
  if (labels === 0) return 'Nobody would be asked: there is nothing to send.';
  if (above === 0) return `A person would be asked: ${whose} always asks.`;
  if (above === neverAsk) return `Nobody would be asked: ${whose} never asks.`;
  return `${needed ? 'A person' : 'Nobody'} would be asked: ${whose} asks above ${pluralize(above, 'label')}.`;
}
