import type { ExportDetail } from '../../gateway/api/operator-api';
import { detailLines } from '../output/detail-lines';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { watchExport } from '../client/watch-export';

export interface ShowOptions extends GatewayOptions {
  readonly watch?: true | undefined;
  readonly json?: true | undefined;
  /** Interval of `--watch`, in ms. */
  readonly everyMs?: number;
}

/** Default interval, in ms. A person would not notice a shorter one, and each fetch queries the worker. */
const defaultEveryMs = 1000;

/**
 * `requeue show ISSUE`. With `--watch` it continues until no request for the issue is running or waiting.
 *
 * @throws {Error} with one sentence, also when a watched export does not end as `completed`.
 */
export async function show(issueId: string, options: ShowOptions, streams: Streams = process): Promise<void> {
  const { watch, json = false, everyMs = defaultEveryMs } = options;
  const client = await createGatewayClient(options);
  const fetchDetail = () => client.get<ExportDetail>(apiPath(['exports', issueId]));
  const detail = await fetchDetail();
  if (!(watch && json)) writeLines(streams.stdout, json ? [jsonLine(detail)] : detailLines(detail));
  if (watch) await watchExport({ first: detail, fetchDetail, json, everyMs }, streams);
}
