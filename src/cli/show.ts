import type { ExportDetail } from '../gateway/api/operator-api';
import { detailLines } from './detail-lines';
import { apiPath, createGatewayClient, type GatewayOptions } from './gateway-client';
import { jsonLine } from './json-line';
import { type Streams, writeLines } from './streams';
import { watchExport } from './watch-export';

export interface ShowOptions extends GatewayOptions {
  readonly watch?: true | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue show ISSUE`. With `--watch` it goes on until nothing of the issue runs any more.
 * @throws an Error with one sentence; of a watched export that ended as anything but completed too.
 */
export async function show(issueId: string, options: ShowOptions, streams: Streams = process): Promise<void> {
  const client = await createGatewayClient(options);
  const look = () => client.get<ExportDetail>(apiPath(['exports', issueId]));
  const detail = await look();
  if (!options.watch || !options.json) writeLines(streams.stdout, options.json ? [jsonLine(detail)] : detailLines(detail));
  if (options.watch) await watchExport({ first: detail, look, json: options.json === true }, streams);
}
