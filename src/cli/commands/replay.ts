import type { Replayed } from '../../gateway/intake/replay-delivery';
import { printable } from '../../text/printable';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';

export interface ReplayOptions extends GatewayOptions {
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue replay SHA256`: asks the gateway to export a kept delivery again, or to release its hold.
 *
 * @throws {Error} with one sentence when the gateway refuses.
 */
export async function replay(
  sha256: string,
  options: ReplayOptions,
  { stdout }: Streams = process,
): Promise<void> {
  const client = await createGatewayClient(options);
  const replayed = await client.post<Replayed>(apiPath(['deliveries', sha256, 'replay']), {
    force: options.force === true,
  });
  writeLines(stdout, [options.json ? jsonLine(replayed) : replaySentence(replayed)]);
}

function replaySentence({ requestId, released, issueId, revision, duplicateOf }: Replayed): string {
  const repeats =
    duplicateOf === undefined
      ? ''
      : ` Request ${duplicateOf} has already completed the revision, so nothing is sent. To send all labels again, add --force.`;
  return printable(
    `${released ? 'Released the hold of request' : 'Created request'} ${requestId}: issue ${issueId}, revision ${revision}.${repeats}`,
  );
}
