import type { DestinationPaused } from '../../gateway/api/operator-api';
import { printable } from '../../text/printable';
import { apiPath, createGatewayClient } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';
import { steer, type SteerOptions } from './steer';

export interface PauseOptions extends SteerOptions {
  readonly destination?: string | undefined;
}

/** `requeue pause ISSUE`, or `requeue pause --destination NAME` for everything that goes to it. */
export async function pause(
  issueId: string | undefined,
  options: PauseOptions,
  streams: Streams = process,
): Promise<void> {
  const { destination, reason, json } = options;
  if ((issueId === undefined) === (destination === undefined))
    throw new WrongUsage('Pass either an issue or --destination.');
  if (issueId !== undefined) return steer('pause', issueId, options, streams);
  const client = await createGatewayClient(options);
  const paused = await client.post<DestinationPaused>(apiPath(['destinations', destination ?? '', 'pause']), {
    reason,
  });
  writeLines(streams.stdout, [json ? jsonLine(paused) : printable(paused.message)]);
}
