import { labelsDone, listOutcomes } from '../../domain/label-outcome';
import { whatToAskAgain } from '../../domain/stage';
import { describeNextStep } from '../../gateway/api/show/describe-next-step';
import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import type {
  ChunkRefusal,
  DecisionDetail,
  ExportDetail,
  ReportSummary,
} from '../../gateway/api/operator-api';
import { cutWithEllipsis } from '../../text/cut';
import { describeDrop } from '../../gateway/api/show/describe-idle';
import { describeWaiting } from '../../gateway/api/show/describe-pending';
import { describeStage } from './describe-stage';
import { progressBar } from './progress-bar';
import { dropCommand, replayCommand } from './list-lines';
import { shellCommand } from './shell-command';
import { pluralize } from '../../text/pluralize';
import { planLines } from './plan-lines';
import { questionLines } from './question-lines';

/** Maximum rows per section. `--json` prints everything that the gateway returns. */
const maxRows = 20;
const maxSamples = 12;
const maxRefusalUnits = 200;

/** Describes an export for a person: plan, stage and question, then decisions, log, refusals and reports. */
export function detailLines(detail: ExportDetail): string[] {
  return [
    `Issue ${printable(detail.issueName)} (${printable(detail.issueId)}), project ${printable(detail.project)}`,
    ...section(planHead(detail), detail.plan ? planLines(detail.plan, maxSamples) : []),
    ...section(`Stage ${describeStage(detail)}`, progressLines(detail)),
    ...section('Next', nextLines(detail)),
    ...questionLines(detail),
    ...section('Decisions with a token', detail.decisions.slice(-maxRows).map(decisionLine)),
    ...section(
      'Log',
      detail.log.slice(-maxRows).map(({ at, text }) => `  ${at} ${printable(text)}`),
    ),
    ...section('Refused calls', detail.refusals.slice(0, maxRows).map(refusalLine)),
    ...section('Reports', detail.reports.slice(0, maxRows).map(reportLine)),
    ...section('In the inbox', detail.inbox.map(inboxLine)),
    ...section('Dropped requests', detail.dropped.slice(-maxRows).map(droppedLine)),
    ...section('Links', [`  ${printable(detail.links.self)}`, `  ${printable(detail.links.temporal)}`]),
  ];
}

function section(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', head, ...lines];
}

function planHead({ plan }: ExportDetail): string {
  if (!plan) return '';
  return `Plan of revision ${plan.revision}, attempt ${plan.attempt}, created ${plan.createdAt}, digits ${plan.plan}`;
}

function nextLines(detail: ExportDetail): string[] {
  const { stage, issueId, delivery, isOpen, inbox } = detail;
  const what = isOpen || inbox.length > 0 ? undefined : whatToAskAgain(stage);
  return [
    `  ${describeNextStep(detail)}`,
    ...(what === undefined ? [] : [`  ${againCommand(issueId, what)}`]),
    ...(delivery === undefined ? [] : [`  Delivery ${delivery}`]),
  ];
}

/** The operator fills in the reason. */
function againCommand(issueId: string, what: 'rest-or-all' | 'all'): string {
  const command = shellCommand(['requeue', 'again', issueId]);
  return what === 'all' ? `Send every label again: ${command} --all --reason '…'` : `Ask again: ${command}`;
}

function progressLines(detail: ExportDetail): string[] {
  const { labels, chunks, queued, revision } = detail;
  const done = labelsDone(labels);
  const outcomes = listOutcomes(labels).map((outcome) => `${formatNumber(outcome.labels)} ${outcome.name}`);
  return [
    `  ${[progressBar(done, labels.planned), `${formatNumber(done)} of ${pluralize(labels.planned, 'label')}`].filter(Boolean).join(' ')} of revision ${revision}`,
    `  ${outcomes.join(', ')}`,
    ...(chunks.total > 0 ? [`  ${formatNumber(chunks.done)} of ${pluralize(chunks.total, 'chunk')}`] : []),
    ...(queued > 0 ? [`  ${pluralize(queued, 'waiting request')}`] : []),
    ...describeWaiting(detail).map((sentence) => `  ${printable(sentence)}`),
    ...resumeDestinationLines(detail),
  ];
}

function resumeDestinationLines({ destinationState }: ExportDetail): string[] {
  if (!destinationState?.paused) return [];
  return [`  Resume it: ${shellCommand(['requeue', 'resume', '--destination', destinationState.name])}`];
}

function decisionLine({ decision, revision, by, at, reason, upTo }: DecisionDetail): string {
  const parts = [decision, revision, upTo === undefined ? undefined : `up to ${formatNumber(upTo)}`].filter(
    (part) => part !== undefined,
  );
  return `  ${at} ${printable(by)}: ${parts.join(' ')}${reason === undefined ? '' : `, “${printable(reason)}”`}`;
}

function refusalLine({ from, to, at, because, detail }: ChunkRefusal): string {
  const sentence =
    detail === null
      ? printable(because)
      : `${printable(because).replace(/\.$/, '')}: ${printable(cutWithEllipsis(detail, maxRefusalUnits))}`;
  return `  ${at} labels ${formatNumber(from)}-${formatNumber(to)}: ${sentence}`;
}

function reportLine({ revision, attempt, outcome, reason, endedAt, labels }: ReportSummary): string {
  const counts = `${formatNumber(labelsDone(labels))} of ${pluralize(labels.planned, 'label')}`;
  return `  ${endedAt} revision ${revision}, attempt ${attempt}: ${outcome}, ${counts}${reason === undefined ? '' : `. ${printable(reason)}`}`;
}

function inboxLine(row: ExportDetail['inbox'][number]): string {
  const hold =
    row.held === undefined
      ? ''
      : `, on hold: ${printable(row.held)} Release it with ${replayCommand(row)}, or drop it with ${dropCommand(row)}`;
  return `  ${row.receivedAt} revision ${row.revision}${hold}`;
}

function droppedLine(row: ExportDetail['dropped'][number]): string {
  return `  ${row.at} revision ${row.revision} ${printable(describeDrop(row)).replace(/\.$/, '')}. It was held: ${printable(row.held)}`;
}
