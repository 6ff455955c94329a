import { printable } from '../../text/printable';
import type { Steered } from '../../gateway/api/operator-api';
import { canAsk, confirm } from '../output/confirm';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface SteerOptions extends GatewayOptions {
  readonly reason?: string | undefined;
  /** Of `cancel`: the person has said yes before. */
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue pause`, `resume` and `cancel` of one issue's export. Cancelling cannot be taken back, so a person is asked.
 * @throws {WrongUsage} of `cancel` without a terminal and without `--yes`. @throws an Error with one sentence.
 */
export async function steer(
  action: Steered['action'],
  issueId: string,
  options: SteerOptions,
  streams: Streams = process,
): Promise<void> {
  const client = await createGatewayClient(options);
  if (action === 'cancel' && !options.yes) await askToCancel(issueId, streams);
  const steered = await client.post<Steered>(apiPath(['exports', issueId, action]), {
    reason: options.reason,
  });
  writeLines(streams.stdout, [options.json ? jsonLine(steered) : printable(steered.message)]);
}

async function askToCancel(issueId: string, streams: Streams): Promise<void> {
  if (!canAsk(streams)) throw new WrongUsage('There is no terminal to ask on: give --yes to cancel.');
  const isSure = await confirm(
    `Cancel the export of the issue ${printable(issueId)}? What was not sent is withheld.`,
    streams,
  );
  if (!isSure) throw new Error('Nothing was cancelled.');
}
