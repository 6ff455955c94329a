import type { ExportDetail } from '../../gateway/api/operator-api';
import { detailLines } from '../output/detail-lines';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { watchExport } from '../client/watch-export';

export interface ShowOptions extends GatewayOptions {
  readonly watch?: true | undefined;
  readonly json?: true | undefined;
  /** Between two looks of `--watch`, in ms. */
  readonly everyMs?: number;
}

/** A person sees no difference below a second, and a look is a query to the worker. */
const usualEveryMs = 1000;

/**
 * `requeue show ISSUE`. With `--watch` it goes on until nothing of the issue runs or waits any more.
 * @throws an Error with one sentence; of a watched export that ended as anything but completed too.
 */
export async function show(issueId: string, options: ShowOptions, streams: Streams = process): Promise<void> {
  const { watch, json = false, everyMs = usualEveryMs } = options;
  const client = await createGatewayClient(options);
  const look = () => client.get<ExportDetail>(apiPath(['exports', issueId]));
  const detail = await look();
  if (!(watch && json)) writeLines(streams.stdout, json ? [jsonLine(detail)] : detailLines(detail));
  if (watch) await watchExport({ first: detail, look, json, everyMs }, streams);
}
