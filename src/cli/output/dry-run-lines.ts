import { neverAsk } from '../../domain/route';
import { formatNumber } from '../../text/format-number';
import type { LeftOut } from '../../domain/plan';
import { printable } from '../../text/printable';
import { cutWithEllipsis } from '../../text/cut';
import type { DryRun } from '../dry-run/dry-run';
import { pluralize } from '../../text/pluralize';
import { planLines } from './plan-lines';
import { shellCommand } from './shell-command';

const maxSamples = 5;
const maxIdUnits = 60;
const maxDetailUnits = 160;

/**
 * Describes for a person what exporting a file would do. A failed dry run has no lines, because the command
 * reports it as its error.
 *
 * @param folder the payload store that the plan was compared with; undefined when there is none.
 */
export function dryRunLines(
  dryRun: DryRun,
  { file, folder }: { file: string; folder: string | undefined },
): string[] {
  if (dryRun.result === 'nothing') return [printable(dryRun.because)];
  const comparison =
    folder === undefined
      ? 'There is no payload store here, so earlier exports are unknown.'
      : `Compared with the earlier exports in ${printable(folder)}.`;
  return [
    `${printable(file)}: issue ${printable(dryRun.issueName)} (${printable(dryRun.issueId)}), project ${printable(dryRun.project)}, revision ${dryRun.revision}`,
    comparison,
    ...resultLines(dryRun),
  ];
}

function resultLines(dryRun: Exclude<DryRun, { result: 'nothing' }>): string[] {
  switch (dryRun.result) {
    case 'failed':
      return [];
    case 'duplicate':
      return [
        `The export would send nothing: attempt ${dryRun.attempt} of this revision already ended as ${dryRun.outcome}.`,
        `To send every label again: ${shellCommand(['requeue', 'replay', dryRun.sha256, '--force'])}`,
      ];
    case 'plan':
      return [
        '',
        'Plan',
        ...planLines(dryRun.plan, maxSamples),
        ...exampleLines(dryRun),
        '',
        approvalLine(dryRun),
      ];
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
      ...lines.map((line) => `    ${describeLeftOut(line)}`),
    ]),
  ];
}

function describeLeftOut({ element, elementId, labelId, detail }: LeftOut): string {
  const ids = [elementId, labelId === elementId ? undefined : labelId].filter((id) => id !== undefined);
  const shown = ids.map((id) => ` ${printable(cutWithEllipsis(id, maxIdUnits))}`).join(', label');
  return `element ${formatNumber(element + 1)}${shown}: ${printable(cutWithEllipsis(detail, maxDetailUnits))}`;
}

function approvalLine({ asking: { needed, above, route }, plan: { labels } }: Planned): string {
  const policy = route === '*' ? 'the default route (*)' : `the route of ${printable(route)}`;
  if (labels === 0) return 'No approval needed: there is nothing to send.';
  if (above === 0) return `Approval needed: ${policy} always asks.`;
  if (above === neverAsk) return `No approval needed: ${policy} never asks.`;
  return `${needed ? 'Approval' : 'No approval'} needed: ${policy} asks above ${pluralize(above, 'label')}.`;
}
