import { pausedDeadline } from '../../text/sentences';
import { defined } from '../../collections/defined';
import { formatNumber } from '../../text/format-number';
import type { NotifyInput } from '../contracts';
import type { NoticePlan } from './read-notice-plan';

export interface NoticeLinks {
  /** The export's page at the gateway. */
  readonly page: string;
  /** Its workflow in the Temporal Web UI. */
  readonly temporal: string;
}

/**
 * The JSON of a notice. `standard`: `{type, timestamp, data}` as Standard Webhooks recommend; `slack`:
 * `{text}`.
 */
export function noticeBody(
  form: 'standard' | 'slack',
  input: NotifyInput,
  links: NoticeLinks,
  plan?: NoticePlan,
): object {
  if (form === 'slack') return { text: slackText(input, links, plan) };
  const { event, at, target: _target, id: _id, ref, brief: _brief, ...told } = input;
  return { type: event, timestamp: at, data: { ...ref, ...told, ...defined({ plan }), links } };
}

const headings: Readonly<Record<NotifyInput['event'], string>> = {
  'export.awaiting-approval': 'Approval is asked for',
  'export.reminder': 'Approval is still asked for',
  'export.paused': 'An export is paused',
  'export.completed': 'An export has ended',
  'export.failed': 'An export has failed',
};

function slackText(input: NotifyInput, links: NoticeLinks, plan: NoticePlan | undefined): string {
  const { event, issueName, project, ref, stage, labels, question, because } = input;
  return [
    `*${headings[event]}*: ${plain(issueName)} (project ${plain(project)}, revision ${ref.revision})`,
    `Stage ${stage}; ${formatNumber(labels.planned)} labels planned, ${formatNumber(labels.relabeled)} relabeled`,
    ...(question
      ? [
          `Send labels ${formatNumber(question.from)} to ${formatNumber(question.to)} back to labeling? ${untilWhen(question)}`,
        ]
      : []),
    ...(plan && plan.classes.length > 0
      ? [
          `Classes: ${plan.classes
            .slice(0, 10)
            .map(({ name, labels: n }) => `${plain(name)} ${formatNumber(n)}`)
            .join(', ')}`,
        ]
      : []),
    ...(because ? [plain(because)] : []),
    `<${links.page}|Open it in Requeue> · <${links.temporal}|in Temporal>`,
  ].join('\n');
}

function untilWhen({ expiresAt }: NonNullable<NotifyInput['question']>): string {
  return expiresAt === undefined ? pausedDeadline() : `Until ${expiresAt}.`;
}

/** Text of strangers in Slack's mrkdwn: no link, no mention, no markup, one line. */
function plain(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200);
  return oneLine
    .replace(/[*_~`]/g, "'")
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
