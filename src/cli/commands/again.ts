import type { Again, ExportList } from '../../gateway/api/operator-api';
import { parseDuration } from '../../text/duration';
import { printable } from '../../text/printable';
import {
  apiPath,
  createGatewayClient,
  type GatewayClient,
  GatewayError,
  type GatewayOptions,
} from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface AgainOptions extends GatewayOptions {
  readonly reason?: string | undefined;
  readonly all?: true | undefined;
  readonly failed?: true | undefined;
  /** `30m`, `24h` or `7d`. */
  readonly since?: string | undefined;
  readonly json?: true | undefined;
}

/**
 * `requeue again ISSUE`, or `requeue again --failed --since 1d` for every export that failed in that time.
 *
 * @throws {WrongUsage} unless there is either an issue or `--failed` with `--since`.
 * @throws {Error} with one sentence when the gateway refuses; with several exports, after all were tried.
 */
export async function again(
  issueId: string | undefined,
  options: AgainOptions,
  streams: Streams = process,
): Promise<void> {
  const sinceMs = options.since === undefined ? undefined : parseDuration(options.since);
  if (options.since !== undefined && sinceMs === undefined)
    throw new WrongUsage('--since must be a duration such as 30m, 24h or 7d.');
  if ((issueId === undefined) !== (options.failed === true && sinceMs !== undefined))
    throw new WrongUsage('Pass either an issue, or --failed and --since.');
  const client = await createGatewayClient(options);
  if (issueId !== undefined) return print(await ask(client, issueId, options), options, streams);
  await askForEach(client, await failedIssues(client, Date.now() - (sinceMs ?? 0)), options, streams);
}

function ask(client: GatewayClient, issueId: string, { reason, all }: AgainOptions): Promise<Again> {
  return client.post<Again>(apiPath(['exports', issueId, 'again']), { reason, all: all === true });
}

function print(asked: Again, { json }: AgainOptions, { stdout }: Streams): void {
  writeLines(stdout, [json ? jsonLine(asked) : printable(`${asked.issueId}: ${asked.message}`)]);
}

/** The issues whose newest export failed at or after `from`, in ms since 1970. */
async function failedIssues(client: GatewayClient, from: number): Promise<string[]> {
  const issues: string[] = [];
  let page: string | undefined;
  do {
    const list = await client.get<ExportList>(apiPath(['exports'], { stage: 'failed', limit: 100, page }));
    const recent = list.exports.filter(({ endedAt }) => endedAt !== undefined && Date.parse(endedAt) >= from);
    issues.push(...recent.map(({ issueId }) => issueId));
    page = list.next;
  } while (page !== undefined);
  return issues;
}

async function askForEach(
  client: GatewayClient,
  issues: readonly string[],
  options: AgainOptions,
  streams: Streams,
): Promise<void> {
  let refused = 0;
  for (const issueId of issues) {
    try {
      print(await ask(client, issueId, options), options, streams);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      refused += 1;
      writeLines(streams.stderr, [printable(`${issueId}: ${error.message}`)]);
    }
  }
  if (issues.length === 0) writeLines(streams.stderr, ['No export failed in that time.']);
  if (refused > 0) throw new Error(`${refused} of ${issues.length} exports were refused.`);
}
