import { printable } from '../../text/printable';
import type { Steered } from '../../gateway/api/operator-api';
import { canAsk, confirm } from '../output/confirm';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface SteerOptions extends GatewayOptions {
  readonly reason?: string | undefined;
  /** For `cancel`: don't ask. */
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue pause`, `resume` and `cancel` for the export of one issue. `cancel` asks first, because it cannot
 * be undone.
 *
 * @throws {WrongUsage} when `cancel` has neither a terminal nor `--yes`.
 * @throws {Error} with one sentence for every other failure.
 */
export async function steer(
  action: Steered['action'],
  issueId: string,
  options: SteerOptions,
  streams: Streams = process,
): Promise<void> {
  const client = await createGatewayClient(options);
  if (action === 'cancel' && !options.yes) await confirmCancel(issueId, streams);
  const steered = await client.post<Steered>(apiPath(['exports', issueId, action]), {
    reason: options.reason,
  });
  writeLines(streams.stdout, [options.json ? jsonLine(steered) : printable(steered.message)]);
}

async function confirmCancel(issueId: string, streams: Streams): Promise<void> {
  if (!canAsk(streams)) throw new WrongUsage('There is no terminal to ask on: pass --yes to cancel.');
  const isSure = await confirm(
    `Cancel the export of issue ${printable(issueId)}? Labels that were not sent are withheld.`,
    streams,
  );
  if (!isSure) throw new Error('Nothing was cancelled.');
}
