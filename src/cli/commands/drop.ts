import type { Dropped } from '../../gateway/api/operator-api';
import { printable } from '../../text/printable';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface DropOptions extends GatewayOptions {
  readonly reason?: string | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue drop SHA256 --reason TEXT`: asks the gateway to drop the held requests of a delivery.
 *
 * @throws {WrongUsage} without a reason.
 * @throws {Error} with one sentence when the gateway refuses.
 */
export async function drop(
  sha256: string,
  options: DropOptions,
  { stdout }: Streams = process,
): Promise<void> {
  const { reason, json } = options;
  if (reason === undefined || reason.trim() === '')
    throw new WrongUsage('Pass --reason with the reason: it is kept with the dropped request.');
  const client = await createGatewayClient(options);
  const dropped = await client.post<Dropped>(apiPath(['deliveries', sha256, 'drop']), { reason });
  writeLines(stdout, [json ? jsonLine(dropped) : printable(dropped.message)]);
}
