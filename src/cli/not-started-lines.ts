import type { ExportList } from '../gateway/api/operator-api';
import { printable } from '../domain/text';
import { apiPath, type GatewayClient } from './gateway-client';
import { replayCommand } from './list-lines';

/** What is accepted of an issue that has no export yet: a line a request; none when nothing is. */
export async function notStartedLines(client: GatewayClient, issueId: string): Promise<string[]> {
  const { notStarted, held } = await client.get<ExportList>(apiPath(['exports'], { issue: issueId, limit: 1 }));
  const isOfIssue = (row: { readonly issueId: string }) => row.issueId === issueId; // the list knows beginnings of ids
  return [
    ...notStarted.filter(isOfIssue).map(({ receivedAt, revision }) => `Accepted at ${receivedAt}, revision ${revision}; not started yet.`),
    ...held
      .filter(isOfIssue)
      .map((row) => `Accepted at ${row.receivedAt}, held: ${printable(row.because)} Release it with ${replayCommand(row)}`),
  ];
}
