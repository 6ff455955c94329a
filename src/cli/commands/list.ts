import { printable } from '../../text/printable';
import type { DestinationState, ExportList } from '../../gateway/api/operator-api';
import { describeDestination, describeWaitingExports } from '../../gateway/api/show/describe-destination';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { listLines } from '../output/list-lines';
import { listTables } from '../output/list-tables';
import { shellCommand } from '../output/shell-command';
import { type Streams, writeLines } from '../output/streams';

export interface ListOptions extends GatewayOptions {
  readonly stage?: string | undefined;
  readonly project?: string | undefined;
  readonly issue?: string | undefined;
  readonly limit?: number | undefined;
  readonly page?: string | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue list`: prints tables on a terminal, and one line per export in a pipe. Warnings about an
 * incomplete list and the command for the next page go to standard error.
 */
export async function list(options: ListOptions, { stdout, stderr }: Streams = process): Promise<void> {
  const { stage, project, issue, limit, page, json } = options;
  const client = await createGatewayClient(options);
  const found = await client.get<ExportList>(apiPath(['exports'], { stage, project, issue, limit, page }));
  if (json) return writeLines(stdout, [jsonLine(found)]);
  writeLines(stderr, [...found.warnings, ...found.destinations.flatMap(destinationLines)].map(printable));
  writeLines(stdout, stdout.isTTY ? listTables(found, stdout.columns ?? 80) : listLines(found));
  if (found.next !== undefined) writeLines(stderr, [`Next page: ${nextPageCommand(options, found.next)}`]);
}

/** What keeps a destination's exports waiting, which exports these are, and how to resume it. */
function destinationLines(state: DestinationState): string[] {
  const sentences = describeDestination(state);
  if (sentences.length === 0) return [];
  return [
    [...sentences, describeWaitingExports(state)].filter((sentence) => sentence !== '').join(' '),
    ...(state.paused
      ? [`Resume it: ${shellCommand(['requeue', 'resume', '--destination', state.name])}`]
      : []),
  ];
}

function nextPageCommand({ stage, project, issue, limit, url }: ListOptions, page: string): string {
  const used = Object.entries({ stage, project, issue, limit, url, page });
  return shellCommand([
    'requeue',
    'list',
    ...used.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
  ]);
}
