import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import type { Decided, ExportDetail } from '../../gateway/api/operator-api';
import { canAsk, confirm } from '../output/confirm';
import { stageWords } from '../output/detail-lines';
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
  readonly reason?: string | undefined;
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/** Labels shown to look at, before a person answers. */
const samplesShown = 5;

/**
 * `requeue approve ISSUE` and `requeue reject ISSUE`. The decision is bound to a revision: the one that is given, or the one whose
 * plan was just shown. Without a revision a person is asked on the terminal, or has said `--yes` before.
 * @throws {WrongUsage} without a terminal, a revision and `--yes`. @throws an Error with one sentence.
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
      'There is no terminal to ask on: give --revision, as requeue show prints it, or --yes.',
    );
  const client = await createGatewayClient(options);
  const revision =
    options.revision ?? (await revisionShown(client, { decision, issueId, ...options }, streams));
  const decided = await client.post<Decided>(apiPath(['exports', issueId, 'decision']), {
    decision,
    revision,
    reason,
    upTo,
  });
  writeLines(streams.stdout, [json ? jsonLine(decided) : printable(decided.message)]);
}

type DecisionInput = DecideOptions & { readonly decision: 'approve' | 'reject'; readonly issueId: string };

/** Shows what is asked, on standard error: the answer alone goes to standard output. */
async function revisionShown(client: GatewayClient, input: DecisionInput, streams: Streams): Promise<string> {
  const detail = await client.get<ExportDetail>(apiPath(['exports', input.issueId]));
  if (detail.approval.question === undefined)
    throw new Error(
      `Nothing is asked about the issue ${printable(input.issueId)} now (${stageWords(detail)}); to decide before it is asked, give --revision.`,
    );
  writeLines(streams.stderr, askedLines(detail));
  if (!input.yes && !(await confirm(confirmationQuestion(input, detail), streams)))
    throw new Error('Nothing was decided.');
  return detail.revision;
}

function askedLines(detail: ExportDetail): string[] {
  return [
    `Issue ${printable(detail.issueName)} (${printable(detail.issueId)}), project ${printable(detail.project)}, revision ${detail.revision}`,
    ...(detail.plan ? planLines(detail.plan, samplesShown) : []),
    ...(detail.approval.upTo > 0
      ? [`  labels 1 to ${formatNumber(detail.approval.upTo)} were approved before`]
      : []),
    questionSentence(detail),
  ];
}

function confirmationQuestion({ decision, upTo }: DecisionInput, { labels, approval }: ExportDetail): string {
  if (decision === 'reject')
    return `Reject: labels ${formatNumber(approval.upTo + 1)} to ${formatNumber(labels.planned)} are not sent.`;
  return `Approve labels ${formatNumber(approval.upTo + 1)} to ${formatNumber(upTo ?? labels.planned)}?`;
}
