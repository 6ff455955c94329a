import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { grouped } from './activity-options';
import { progressOf } from './progress';
import type { Progress } from './messages';
import type { Run } from './run';

/** Progress as a list on the Web UI's User Metadata tab (it draws tables badly), and the question with the command that answers it. */
export function showDetails(run: Run): void {
  const progress = progressOf(run);
  setCurrentDetails([...headOf(progress), ...questionOf(run, progress), ...logOf(progress)].join('\n'));
}

function headOf(progress: Progress): string[] {
  const { labels } = progress;
  return [
    `- **Stage** ${progress.stage}${progress.pausedBecause ? `: ${plain(progress.pausedBecause)}` : ''}`,
    `- **Issue** ${plain(progress.issueName)} (project ${plain(progress.project)}, revision ${progress.revision})`,
    `- **Destination** ${plain(progress.destination)}`,
    `- **Labels** ${grouped(labels.planned)} planned, ${grouped(labels.relabeled)} relabeled, ${grouped(labels.alreadyGone)} already gone, ${grouped(labels.refused)} refused, ${grouped(labels.unconfirmed)} unconfirmed`,
    `- **Chunks** ${grouped(progress.chunks.done)} of ${grouped(progress.chunks.total)}`,
    ...Object.entries(progress.leftOut).map(([reason, count]) => `- **Left out** ${reason}: ${grouped(count)}`),
    ...(progress.queued > 0 ? [`- **Waiting behind it** ${grouped(progress.queued)}`] : []),
  ];
}

function questionOf(run: Run, progress: Progress): string[] {
  const { current } = run;
  if (!current?.asking) return [];
  const from = current.approvedUpTo + 1;
  return [
    '',
    `### Send labels ${grouped(from)} to ${grouped(current.plan.labels)} back to labeling?`,
    `Expires ${progress.approval.expiresAt ?? ''}. Answer with`,
    '```',
    commandFor('approve', progress.revision),
    commandFor('reject', progress.revision),
    '```',
  ];
}

/** The exact command; the workflow id is quoted for a POSIX shell. */
function commandFor(signal: string, revision: string): string {
  const { workflowId, namespace } = workflowInfo();
  return `temporal workflow signal --namespace ${quote(namespace)} --workflow-id ${quote(workflowId)} --name ${signal} --input '{"revision":"${revision}","by":"your name"}'`;
}

function logOf(progress: Progress): string[] {
  if (progress.log.length === 0) return [];
  return ['', '### Log', ...progress.log.slice(-10).map((entry) => `- ${entry.at} ${plain(entry.text)}`)];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Text of strangers as a code span: nothing in it is markdown. */
function plain(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').replaceAll('`', "'");
  return oneLine.trim() === '' ? '–' : `\`${oneLine}\``;
}
