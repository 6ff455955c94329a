import type { ExportList } from '../../gateway/api/operator-api';
import type { Replayed } from '../../gateway/intake/replay-delivery';
import { printable } from '../../text/printable';
import {
  apiPath,
  createGatewayClient,
  type GatewayClient,
  type GatewayOptions,
} from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface ReplayOptions extends GatewayOptions {
  readonly held?: true | undefined;
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue replay SHA256`: asks the gateway to export a kept delivery again, or to release its hold.
 * `requeue replay --held` releases every hold.
 *
 * @throws {WrongUsage} unless there is either a sha256 or `--held`, which can't be forced.
 * @throws {Error} with one sentence when the gateway refuses.
 */
export async function replay(
  sha256: string | undefined,
  options: ReplayOptions,
  streams: Streams = process,
): Promise<void> {
  const { held = false, force = false } = options;
  if ((sha256 === undefined) !== held) throw new WrongUsage('Pass either a sha256 or --held.');
  if (held && force) throw new WrongUsage('Pass either --held or --force.');
  const client = await createGatewayClient(options);
  if (sha256 === undefined) return replayHeld(client, options, streams);
  print(await replayOne(client, sha256, force), options, streams);
}

/** The gateway lists at most 100 held requests, so the list is read until it has no new one. */
async function replayHeld(client: GatewayClient, options: ReplayOptions, streams: Streams): Promise<void> {
  const replayed = new Set<string>();
  for (;;) {
    const { held } = await client.get<ExportList>(apiPath(['exports'], { limit: 1 }));
    const next = held.map(({ sha256 }) => sha256).filter((sha256) => !replayed.has(sha256));
    if (next.length === 0) break;
    for (const sha256 of new Set(next)) {
      replayed.add(sha256);
      print(await replayOne(client, sha256, false), options, streams);
    }
  }
  if (replayed.size === 0) writeLines(streams.stderr, ['No request is held.']);
}

function replayOne(client: GatewayClient, sha256: string, force: boolean): Promise<Replayed> {
  return client.post<Replayed>(apiPath(['deliveries', sha256, 'replay']), { force });
}

function print(replayed: Replayed, { json }: ReplayOptions, { stdout }: Streams): void {
  writeLines(stdout, [json ? jsonLine(replayed) : replaySentence(replayed)]);
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
