import { formatNumber } from '../../text/format-number';
import type { ExportDetail } from '../../gateway/api/operator-api';
import { pausedDeadline } from '../../text/sentences';
import { commandAbout } from './shell-command';

/**
 * Number of labels to suggest for a first approval. The operator can check them at the labeling service
 * before the rest are sent.
 */
const firstLabels = 100;

/** Returns the open question and the commands that answer it; no lines without a question. */
export function questionLines(detail: ExportDetail): string[] {
  const { approval, issueId, revision, isOpen } = detail;
  if (!isOpen || approval.question === undefined) return [];
  return [
    '',
    `${questionSentence(detail)}${expirySentence(detail)}`,
    ...(detail.planFault === undefined ? approveLines(detail) : []),
    `  ${commandAbout(issueId, 'reject', ['--revision', revision, '--reason', 'why'])}`,
  ];
}

/** Not offered without a readable plan, because the operator cannot see what would be sent. */
function approveLines(detail: ExportDetail): string[] {
  const { issueId, revision } = detail;
  const firstPart = findFirstPart(detail);
  const upTo = firstPart === undefined ? [] : [[...planOption(detail), '--up-to', String(firstPart)]];
  return [[], ...upTo].map(
    (options) => `  ${commandAbout(issueId, 'approve', ['--revision', revision, ...options])}`,
  );
}

/** A position belongs to one plan, so a decision with `--up-to` names it. */
function planOption({ plan }: ExportDetail): string[] {
  return plan ? ['--plan', plan.plan] : [];
}

/** `Send labels 1 to 1,200 back to labeling?` */
export function questionSentence({ approval, labels }: ExportDetail): string {
  return `Send labels ${formatNumber(approval.upTo + 1)} to ${formatNumber(labels.planned)} back to labeling?`;
}

function expirySentence({ approval: { expiresAt, remainingMs } }: ExportDetail): string {
  if (expiresAt !== undefined) return ` It expires at ${expiresAt}.`;
  return remainingMs === undefined ? '' : ` ${pausedDeadline(remainingMs)}`;
}

function findFirstPart({ approval, labels }: ExportDetail): number | undefined {
  const upTo = approval.upTo + firstLabels;
  return upTo < labels.planned ? upTo : undefined;
}
