import { setTimeout as delay } from 'node:timers/promises';
import type { ExportDetail } from '../gateway/api/operator-api';
import { detailLines } from './detail-lines';
import { apiPath, createGatewayClient, GatewayError, type GatewayOptions } from './gateway-client';
import { jsonLine } from './json-line';
import { notStartedLines } from './not-started-lines';
import { type Streams, writeLines } from './streams';
import { watchExport } from './watch-export';

export interface ShowOptions extends GatewayOptions {
  readonly watch?: true | undefined;
  readonly json?: true | undefined;
  /** Between two looks of `--watch`, in ms. */
  readonly everyMs?: number;
}

/** A person sees no difference below a second, and a look is a query to the worker. */
const usualEveryMs = 1000;

/**
 * `requeue show ISSUE`. With `--watch` it goes on until nothing of the issue runs any more. What is accepted and not started has no
 * export yet: that is said, and watched too.
 * @throws an Error with one sentence; of a watched export that ended as anything but completed too.
 */
export async function show(issueId: string, options: ShowOptions, streams: Streams = process): Promise<void> {
  const { watch, json = false, everyMs = usualEveryMs } = options;
  const client = await createGatewayClient(options);
  const look = () => client.get<ExportDetail>(apiPath(['exports', issueId]));
  const detail = await firstLook(look, () => notStartedLines(client, issueId), options, streams);
  if (detail && !(watch && json)) writeLines(streams.stdout, json ? [jsonLine(detail)] : detailLines(detail));
  if (detail && watch) await watchExport({ first: detail, look, json, everyMs }, streams);
}

/** Undefined when there is no export yet, and nobody waits for it. */
async function firstLook(
  look: () => Promise<ExportDetail>,
  notStarted: () => Promise<string[]>,
  { watch, json, everyMs = usualEveryMs }: ShowOptions,
  { stdout, stderr }: Streams,
): Promise<ExportDetail | undefined> {
  for (let said = ''; ; await delay(everyMs)) {
    try {
      return await look();
    } catch (error) {
      const lines = isUnknown(error) ? await notStarted() : [];
      if (lines.length === 0 || (json && !watch)) throw error;
      if (lines.join() !== said) writeLines(json ? stderr : stdout, lines);
      said = lines.join();
      if (!watch) return undefined;
    }
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof GatewayError && error.status === 404;
}
