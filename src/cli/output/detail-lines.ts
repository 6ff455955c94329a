import { labelsDone, listOutcomes } from '../../domain/label-outcome';
import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import type {
  ChunkRefusal,
  DecisionDetail,
  ExportDetail,
  ReportSummary,
} from '../../gateway/api/operator-api';
import { progressBar } from './progress-bar';
import { cutWithEllipsis } from './cut-with-ellipsis';
import { replayCommand } from './list-lines';
import { pluralize } from '../../text/pluralize';
import { planLines } from './plan-lines';
import { questionLines } from './question-lines';

/** Rows of each section; `--json` has all that the gateway gives. */
const rowsShown = 20;
const samplesShown = 12;
const detailLength = 200;

/** Everything about an export for a person: the plan first, then where it stands, what is asked, and who did what. */
export function detailLines(detail: ExportDetail): string[] {
  return [
    `Issue ${printable(detail.issueName)} (${printable(detail.issueId)}), project ${printable(detail.project)}`,
    ...section(planHead(detail), detail.plan ? planLines(detail.plan, samplesShown) : []),
    ...section(stageWords(detail), progressLines(detail)),
    ...questionLines(detail),
    ...section('Decisions with a token', detail.decisions.slice(-rowsShown).map(decisionLine)),
    ...section(
      'Log',
      detail.log.slice(-rowsShown).map(({ at, text }) => `  ${at} ${printable(text)}`),
    ),
    ...section('Refused calls', detail.refusals.slice(0, rowsShown).map(refusalLine)),
    ...section('Reports', detail.reports.slice(0, rowsShown).map(reportLine)),
    ...section('In the inbox', detail.inbox.map(inboxLine)),
    ...section('Links', [`  ${printable(detail.links.self)}`, `  ${printable(detail.links.temporal)}`]),
  ];
}

function section(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', head, ...lines];
}

function planHead({ plan }: ExportDetail): string {
  return plan ? `Plan of revision ${plan.revision}, attempt ${plan.attempt}, made ${plan.createdAt}` : '';
}

/** `Stage paused: the service refused our API key`. */
export function stageWords(detail: ExportDetail): string {
  const { stage, pausedBecause } = detail;
  return `Stage ${stage}${pausedBecause === undefined ? '' : `: ${printable(pausedBecause)}`}${withoutRun(detail)}`;
}

/** Why nothing runs although there is no outcome. */
function withoutRun({ isOpen, outcome, inbox }: ExportDetail): string {
  if (isOpen || outcome !== undefined) return '';
  if (inbox.some(({ held }) => held === undefined)) return ' (accepted, not started yet)';
  return inbox.length > 0
    ? ' (held: nobody tries any more until it is replayed)'
    : ' (its workflow was ended without a report)';
}

function progressLines(detail: ExportDetail): string[] {
  const { labels, chunks, queued, revision } = detail;
  const done = labelsDone(labels);
  const outcomes = listOutcomes(labels).map((outcome) => `${formatNumber(outcome.labels)} ${outcome.name}`);
  return [
    `  ${[progressBar(done, labels.planned), `${formatNumber(done)} of ${pluralize(labels.planned, 'label')}`].filter(Boolean).join(' ')} of revision ${revision}`,
    `  ${outcomes.join(', ')}`,
    ...(chunks.total > 0 ? [`  ${formatNumber(chunks.done)} of ${pluralize(chunks.total, 'chunk')}`] : []),
    ...(queued > 0 ? [`  ${pluralize(queued, 'request')} behind it`] : []),
  ];
}

function decisionLine({ decision, revision, by, at, reason, upTo }: DecisionDetail): string {
  const what = [decision, revision, upTo === undefined ? undefined : `up to ${formatNumber(upTo)}`].filter(
    (part) => part !== undefined,
  );
  return `  ${at} ${printable(by)}: ${what.join(' ')}${reason === undefined ? '' : `, “${printable(reason)}”`}`;
}

function refusalLine({ from, to, at, because, detail }: ChunkRefusal): string {
  const words = detail === null ? '' : `: ${printable(cutWithEllipsis(detail, detailLength))}`;
  return `  ${at} labels ${formatNumber(from)}-${formatNumber(to)}: ${printable(because)}${words}`;
}

function reportLine({ revision, attempt, outcome, reason, endedAt, labels }: ReportSummary): string {
  const counts = `${formatNumber(labelsDone(labels))} of ${pluralize(labels.planned, 'label')}`;
  return `  ${endedAt} revision ${revision}, attempt ${attempt}: ${outcome}, ${counts}${reason === undefined ? '' : `. ${printable(reason)}`}`;
}

function inboxLine(row: ExportDetail['inbox'][number]): string {
  const held =
    row.held === undefined ? '' : `, held: ${printable(row.held)} Release it with ${replayCommand(row)}`;
  return `  ${row.receivedAt} revision ${row.revision}${held}`;
}
