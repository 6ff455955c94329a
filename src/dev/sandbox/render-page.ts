import { html } from 'hono/html';
import { formatNumber } from '../../text/format-number';
import { pluralize } from '../../text/pluralize';
import type { LedgerEntry } from './ledger';

/** Maximum rows. A person reads no more, and `/ledger` has all entries. */
const maxRows = 200;

/** `GET /` shows the executed mutations, newest first. */
export async function renderPage(entries: readonly LedgerEntry[]): Promise<string> {
  const applied = entries.reduce((sum, entry) => sum + entry.applied.length, 0);
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Labeling sandbox</title>
        <style>
          body {
            font: 16px system-ui;
            margin: 2rem auto;
            max-width: 60rem;
            padding: 0 1rem;
            color-scheme: light dark;
          }
          td,
          th {
            padding: 0.3rem 0.8rem;
            text-align: left;
            overflow-wrap: anywhere;
          }
        </style>
      </head>
      <body>
        <h1>Labeling sandbox</h1>
        <p>
          ${pluralize(entries.length, 'mutation')}, ${pluralize(applied, 'label')} requeued. The complete
          ledger as JSON: <a href="/ledger">/ledger</a>. Injected faults: <a href="/faults">/faults</a>.
        </p>
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>Project</th>
              <th>Labels sent</th>
              <th>Requeued</th>
            </tr>
          </thead>
          <tbody>
            ${entries.slice(-maxRows).reverse().map(renderRow)}
          </tbody>
        </table>
      </body>
    </html>`;
  return page.toString(); // hono returns a String object, which Buffer does not accept
}

function renderRow({ at, projectId, labelIds, applied }: LedgerEntry) {
  return html`<tr>
    <td>${at}</td>
    <td>${projectId}</td>
    <td>${formatNumber(labelIds.length)}</td>
    <td>${formatNumber(applied.length)}</td>
  </tr>`;
}
