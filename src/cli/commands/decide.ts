import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import type { Decided, ExportDetail } from '../../gateway/api/operator-api';
import { canAsk, confirm } from '../output/confirm';
import { describeStage } from '../output/describe-stage';
import {
  apiPath,
  createGatewayClient,
  type GatewayClient,
  type GatewayOptions,
} from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { planLines } from '../output/plan-lines';
import { questionSentence } from '../output/question-lines';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface DecideOptions extends GatewayOptions {
  readonly revision?: string | undefined;
  readonly upTo?: number | undefined;
  readonly plan?: string | undefined;
  readonly reason?: string | undefined;
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/** Maximum sample labels shown before the question. */
const maxSamples = 5;

/**
 * `requeue approve ISSUE` and `requeue reject ISSUE`. A decision is bound to one revision: the one in
 * `--revision`, or the revision of the plan just shown. Without `--revision`, the command asks on the
 * terminal, unless `--yes` is present.
 *
 * @throws {WrongUsage} when there is neither a terminal nor `--revision` nor `--yes`.
 * @throws {Error} with one sentence for every other failure.
 */
export async function decide(
  decision: 'approve' | 'reject',
  issueId: string,
  options: DecideOptions,
  streams: Streams = process,
): Promise<void> {
  const { upTo, reason, json } = options;
  if (options.revision === undefined && !options.yes && !canAsk(streams))
    throw new WrongUsage(
      'There is no terminal to ask on: pass --revision (requeue show prints it) or --yes.',
    );
  const client = await createGatewayClient(options);
  const shown =
    options.revision === undefined
      ? await confirmOpenQuestion(client, { decision, issueId, ...options }, streams)
      : await readNamed(client, issueId, options.revision, options);
  const decided = await client.post<Decided>(apiPath(['exports', issueId, 'decision']), {
    decision,
    revision: shown.revision,
    reason,
    upTo,
    plan: options.plan ?? (upTo === undefined ? undefined : shown.plan?.plan), // positions belong to one plan
  });
  writeLines(streams.stdout, [json ? jsonLine(decided) : printable(decided.message)]);
}

/** The revision that a decision names, and its plan. */
type Named = Pick<ExportDetail, 'revision' | 'plan'>;

/** With `--up-to` but without `--plan`, the decision names the revision's present plan. */
async function readNamed(
  client: GatewayClient,
  issueId: string,
  revision: string,
  { upTo, plan }: DecideOptions,
): Promise<Named> {
  if (upTo === undefined || plan !== undefined) return { revision };
  const detail = await client.get<ExportDetail>(apiPath(['exports', issueId]));
  return detail.plan && revision.startsWith(detail.revision) ? { revision, plan: detail.plan } : { revision };
}

type DecisionInput = DecideOptions & { readonly decision: 'approve' | 'reject'; readonly issueId: string };

/**
 * Shows the plan and asks on standard error, because standard output is only for the answer.
 *
 * @returns the export whose plan it showed.
 */
async function confirmOpenQuestion(
  client: GatewayClient,
  input: DecisionInput,
  streams: Streams,
): Promise<Named> {
  const detail = await client.get<ExportDetail>(apiPath(['exports', input.issueId]));
  if (detail.approval.question === undefined) throw new Error(noQuestionSentence(input, detail));
  writeLines(streams.stderr, questionContext(detail));
  if (!input.yes && !(await confirm(confirmationQuestion(input, detail), streams)))
    throw new Error('Nothing was decided.');
  return detail;
}

function noQuestionSentence({ issueId }: DecisionInput, detail: ExportDetail): string {
  const sentence = `Issue ${printable(issueId)} has no open question (stage ${describeStage(detail)}).`;
  const hasEnded = detail.outcome !== undefined;
  return hasEnded ? sentence : `${sentence} To decide before the question, pass --revision.`;
}

function questionContext(detail: ExportDetail): string[] {
  return [
    `Issue ${printable(detail.issueName)} (${printable(detail.issueId)}), project ${printable(detail.project)}, revision ${detail.revision}`,
    ...(detail.plan ? planLines(detail.plan, maxSamples) : []),
    ...(detail.approval.upTo > 0
      ? [`  labels 1 to ${formatNumber(detail.approval.upTo)} are already approved`]
      : []),
    questionSentence(detail),
  ];
}

function confirmationQuestion({ decision, upTo }: DecisionInput, { labels, approval }: ExportDetail): string {
  if (decision === 'reject')
    return `Reject labels ${formatNumber(approval.upTo + 1)} to ${formatNumber(labels.planned)}?`;
  return `Approve labels ${formatNumber(approval.upTo + 1)} to ${formatNumber(upTo ?? labels.planned)}?`;
}
