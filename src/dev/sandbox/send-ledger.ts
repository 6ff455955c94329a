import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LedgerEntry } from './ledger';

/**
 * `GET /ledger`. Writes the JSON array entry by entry, so that a million labels never become one string in
 * memory.
 */
export async function sendLedger(response: ServerResponse, entries: readonly LedgerEntry[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  await pipeline(Readable.from(jsonArray(entries.slice())), response);
}

function* jsonArray(entries: readonly LedgerEntry[]): Generator<string> {
  let separator = '[';
  for (const entry of entries) {
    yield `${separator}${JSON.stringify(entry)}`;
    separator = ',\n';
  }
  yield entries.length === 0 ? '[]\n' : ']\n';
}
