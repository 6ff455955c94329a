import { printable } from '../../text/printable';
import { apiPath, createGatewayClient } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { pluralize } from '../../text/pluralize';
import { steer, type SteerOptions } from './steer';
import { type Streams, writeLines } from '../output/streams';
import { WrongUsage } from '../wrong-usage';

export interface ResumeOptions extends SteerOptions {
  readonly destination?: string | undefined;
}

/** `requeue resume ISSUE`, or `requeue resume --destination NAME` for every export that it paused. */
export async function resume(
  issueId: string | undefined,
  options: ResumeOptions,
  streams: Streams = process,
): Promise<void> {
  if ((issueId === undefined) === (options.destination === undefined))
    throw new WrongUsage('Pass either an issue or --destination.');
  if (issueId !== undefined) return steer('resume', issueId, options, streams);
  await resumeDestination(options.destination ?? '', options, streams);
}

async function resumeDestination(
  destination: string,
  options: ResumeOptions,
  { stdout }: Streams,
): Promise<void> {
  if (options.reason !== undefined)
    throw new WrongUsage('--reason needs an issue; --destination accepts no reason.');
  const client = await createGatewayClient(options);
  const done = await client.post<{ resumed: string[] }>(apiPath(['destinations', destination, 'resume']), {});
  if (options.json) return writeLines(stdout, [jsonLine(done)]);
  writeLines(stdout, [
    `Resumed ${printable(destination)}, and ${pluralize(done.resumed.length, 'export')} that waited for it. Exports that an operator paused stay paused.`,
    ...done.resumed.map((issueId) => `  ${printable(issueId)}`),
  ]);
}
