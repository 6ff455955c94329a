import { formatNumber } from '../../text/format-number';
import { printable } from '../../text/printable';
import type { FoundLabel, FoundLabels } from '../../gateway/api/operator-api';
import { apiPath, createGatewayClient, type GatewayOptions } from '../client/gateway-client';
import { jsonLine } from '../output/json-line';
import { type Streams, writeLines } from '../output/streams';
import { tabLines, tableLines } from '../output/table';

export interface FindOptions extends GatewayOptions {
  readonly json?: true | undefined;
}

/** `requeue find LABEL`: the ended exports that planned a label, newest first, and who decided. */
export async function find(
  labelId: string,
  options: FindOptions,
  { stdout, stderr }: Streams = process,
): Promise<void> {
  const client = await createGatewayClient(options);
  const found = await client.get<FoundLabels>(apiPath(['labels', labelId]));
  if (options.json) return writeLines(stdout, [jsonLine(found)]);
  writeLines(stderr, found.changedReports.map(describeChanged));
  if (found.exports.length === 0)
    return writeLines(stderr, [`No ended export planned the label ${printable(labelId)}.`]);
  const rows = found.exports.map(rowCells);
  writeLines(
    stdout,
    stdout.isTTY
      ? tableLines(['ISSUE', 'REVISION', 'LABEL', 'OUTCOME', 'DECIDED BY', 'AT', 'NAME'], rows)
      : tabLines(rows),
  );
}

function describeChanged(key: string): string {
  return `${printable(key)} was changed on disk after it was written; what it says about the label is left out. Restore it from the backup.`;
}

function rowCells({
  issueId,
  issueName,
  revision,
  attempt,
  position,
  outcome,
  repeated,
  at,
  decision,
  endedAt,
}: FoundLabel): string[] {
  return [
    issueId,
    `${revision}/${attempt}`,
    formatNumber(position),
    repeated ? `${outcome} (repeated)` : outcome,
    decision === undefined ? '' : outcome === 'withheld' ? `rejected by ${decision}` : decision,
    at ?? endedAt,
    issueName,
  ];
}
