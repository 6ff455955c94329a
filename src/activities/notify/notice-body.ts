import { replaceUnprintable } from '../../text/printable';
import { cutToUnits } from '../../text/cut';
import { defined } from '../../collections/defined';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import { pausedDeadline } from '../../text/sentences';
import type { NotifyInput } from '../contracts';
import type { NoticePlan } from './read-notice-plan';

export interface NoticeLinks {
  /** The export's page at the gateway. */
  readonly page: string;
  /** The export's workflow in the Temporal Web UI. */
  readonly temporal: string;
}

/**
 * The JSON of a notice. `standard`: `{type, timestamp, data}`, as Standard Webhooks recommends. `slack`:
 * `{text}`.
 */
export function noticeBody(
  form: 'standard' | 'slack',
  input: NotifyInput,
  links: NoticeLinks,
  plan?: NoticePlan,
): object {
  if (form === 'slack') return { text: slackText(input, links, plan) };
  const { event, at, target: _target, id: _id, ref, brief: _brief, ...rest } = input;
  return { type: event, timestamp: at, data: { ...ref, ...rest, ...defined({ plan }), links } };
}

const headings: Readonly<Record<NotifyInput['event'], string>> = {
  'export.awaiting-approval': 'Approval needed',
  'export.reminder': 'Approval still needed',
  'export.paused': 'Export paused',
  'export.stuck': 'Export stuck',
  'export.completed': 'Export ended',
  'export.failed': 'Export failed',
};

/** Maximum classes in a Slack message. */
const maxSlackClasses = 10;

function slackText(input: NotifyInput, links: NoticeLinks, plan: NoticePlan | undefined): string {
  const { event, issueName, project, ref, stage, labels, question, because } = input;
  const lines = [
    `*${headings[event]}*: ${escapeMrkdwn(issueName)} (project ${escapeMrkdwn(project)}, revision ${ref.revision})`,
    `Stage ${stage}; ${pluralize(labels.planned, 'label')} planned, ${formatNumber(labels.relabeled)} relabeled`,
    question && questionLine(question),
    plan && plan.classes.length > 0 ? classesLine(plan) : undefined,
    because ? escapeMrkdwn(because) : undefined,
    `<${links.page}|Open in Requeue> · <${links.temporal}|Open in Temporal>`,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function questionLine({ from, to, expiresAt }: NonNullable<NotifyInput['question']>): string {
  const deadline = expiresAt === undefined ? pausedDeadline() : `Deadline: ${expiresAt}.`;
  return `Send labels ${formatNumber(from)} to ${formatNumber(to)} back to labeling? ${deadline}`;
}

function classesLine({ classes }: NoticePlan): string {
  const counts = classes
    .slice(0, maxSlackClasses)
    .map(({ name, labels }) => `${escapeMrkdwn(name)} ${formatNumber(labels)}`);
  return `Classes: ${counts.join(', ')}`;
}

/**
 * Makes untrusted text safe in Slack's mrkdwn: at most 200 characters on one line, with no links, mentions or
 * markup.
 */
function escapeMrkdwn(text: string): string {
  const oneLine = cutToUnits(
    replaceUnprintable(text, () => ' '),
    200,
  );
  return oneLine
    .replace(/[*_~`]/g, "'")
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
