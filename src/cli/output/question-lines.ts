import { formatNumber } from '../../text/format-number';
import type { ExportDetail } from '../../gateway/api/operator-api';
import { pausedDeadline } from '../../text/sentences';
import { commandAbout } from './shell-command';

/** Labels that a person looks at in the labeling tool before the rest goes. */
const firstLabels = 100;

/** What is asked, with the commands that answer it; nothing when nothing is asked. */
export function questionLines(detail: ExportDetail): string[] {
  const { approval, issueId, revision } = detail;
  if (approval.question === undefined) return [];
  const some = firstPart(detail);
  return [
    '',
    `${questionSentence(detail)}${expirySentence(detail)}`,
    `  ${commandAbout(issueId, 'approve', ['--revision', revision])}`,
    ...(some === undefined
      ? []
      : [`  ${commandAbout(issueId, 'approve', ['--revision', revision, '--up-to', String(some)])}`]),
    `  ${commandAbout(issueId, 'reject', ['--revision', revision, '--reason', 'why'])}`,
  ];
}

/** `Send labels 1 to 1,200 back to labeling?` */
export function questionSentence({ approval, labels }: ExportDetail): string {
  return `Send labels ${formatNumber(approval.upTo + 1)} to ${formatNumber(labels.planned)} back to labeling?`;
}

function expirySentence({ approval: { expiresAt, remainingMs } }: ExportDetail): string {
  if (expiresAt !== undefined) return ` It expires at ${expiresAt}.`;
  return remainingMs === undefined ? '' : ` ${pausedDeadline(remainingMs)}`;
}

function firstPart({ approval, labels }: ExportDetail): number | undefined {
  const some = approval.upTo + firstLabels;
  return some < labels.planned ? some : undefined;
}
