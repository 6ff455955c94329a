import type { PreparedPlan } from '../../activities/contracts';
import { pluralize } from '../../text/pluralize';
import { type LabelCounts, labelsDone, listOutcomes } from '../../domain/label-outcome';
import { formatDuration } from '../../text/duration';
import { formatNumber } from '../../text/format-number';
import { plainMarkdown } from '../../text/plain-markdown';
import { describeStuck, pausedDeadline } from '../../text/sentences';
import { approveSignal, type Progress, rejectSignal } from '../messages';
import { shellWord } from '../../text/shell-word';

/** The open question. */
export interface ShownQuestion {
  /** The question covers the labels at positions `from` to `to`, counted from 1. */
  readonly from: number;
  readonly to: number;
  readonly workflowId: string;
  readonly namespace: string;
  readonly plan: Pick<PreparedPlan, 'brief' | 'labels' | 'chunkLabels' | 'leftOut' | 'asking'>;
}

/** Markdown with progress, question and log. Progress is a list, because the Web UI renders tables badly. */
export function detailsText(progress: Progress, question: ShownQuestion | undefined): string {
  return [
    ...headLines(progress),
    ...(question ? questionLines(progress, question) : []),
    ...logLines(progress),
  ].join('\n');
}

function headLines(progress: Progress): string[] {
  const { labels } = progress;
  return [
    `**${plainMarkdown(progress.issueName)}**: ${formatNumber(labelsDone(labels))} of ${formatNumber(labels.planned)} labels, ${progress.stage}`,
    '',
    `- **Stage** ${progress.stage}${progress.pausedBecause ? `: ${plainMarkdown(progress.pausedBecause)}` : ''}`,
    ...stuckLines(progress),
    `- **Issue** ${plainMarkdown(progress.issueName)} (project ${plainMarkdown(progress.project)}, revision ${progress.revision})`,
    `- **Destination** ${plainMarkdown(progress.destination)}`,
    `- **Labels** ${formatNumber(labels.planned)} planned, ${formatOutcomes(labels)}`,
    `- **Chunks** ${formatNumber(progress.chunks.done)} of ${formatNumber(progress.chunks.total)}`,
    ...Object.entries(progress.leftOut).map(
      ([reason, count]) => `- **Left out** ${reason}: ${formatNumber(count)}`,
    ),
    ...(progress.queued > 0 ? [`- **Waiting requests** ${formatNumber(progress.queued)}`] : []),
  ];
}

function stuckLines({ stuck }: Progress): string[] {
  return stuck ? [`- **Stuck** ${plainMarkdown(describeStuck(stuck))}`] : [];
}

function formatOutcomes(labels: LabelCounts): string {
  return listOutcomes(labels)
    .map((outcome) => `${formatNumber(outcome.labels)} ${outcome.name}`)
    .join(', ');
}

function questionLines(progress: Progress, question: ShownQuestion): string[] {
  const { approval } = progress;
  return [
    '',
    `### Send labels ${formatNumber(question.from)} to ${formatNumber(question.to)} back to labeling?`,
    ...briefLines(question),
    `${formatDeadline(approval)} Answer with`,
    '```',
    commandFor(approveSignal.name, progress, question),
    commandFor(rejectSignal.name, progress, question),
    '```',
  ];
}

function formatDeadline({ expiresAt, remainingMs }: Progress['approval']): string {
  if (expiresAt !== undefined) return `Expires ${expiresAt}.`;
  return pausedDeadline(remainingMs);
}

function briefLines({ plan: { brief, labels, chunkLabels, leftOut } }: ShownQuestion): string[] {
  const time =
    brief.seconds === undefined
      ? 'no rate is configured'
      : `at least ${formatDuration(brief.seconds * 1000, 'coarse')} at the configured rate`;
  return [
    `- ${pluralize(labels, 'label')} of ${pluralize(brief.elements, 'element')} in ${pluralize(brief.frames, 'frame')}`,
    `- ${formatNumber(leftOut['already-relabeled'] ?? 0)} more were relabeled by earlier exports of this issue and stay as they are`,
    `- ${pluralize(Math.ceil(labels / chunkLabels), 'call')}, ${time}`,
    '',
  ];
}

/**
 * For a POSIX shell. With `signals: ignore` it is a `requeue` command, which sends a token to the gateway.
 */
function commandFor(
  decision: string,
  { issueId, revision }: Progress,
  { workflowId, namespace, plan }: ShownQuestion,
): string {
  if (plan.asking.signals === 'ignore')
    return `npx requeue ${decision} --revision ${revision} -- ${shellWord(issueId)}`;
  return `temporal workflow signal --namespace ${shellWord(namespace)} --workflow-id ${shellWord(workflowId)} --name ${decision} --input '{"revision":"${revision}","by":"your name"}'`;
}

function logLines({ log }: Progress): string[] {
  if (log.length === 0) return [];
  return ['', '### Log', ...log.slice(-10).map((entry) => `- ${entry.at} ${plainMarkdown(entry.text)}`)];
}
