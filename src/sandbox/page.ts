import { html } from 'hono/html';
import type { LedgerEntry } from './ledger';

/** A small page of what the sandbox received, newest first. */
export async function pageOf(entries: readonly LedgerEntry[]): Promise<string> {
  const labels = entries.reduce((sum, { applied }) => sum + applied.length, 0);
  const rows = entries
    .slice(-200)
    .reverse()
    .map(
      ({ at, projectId, labelIds, applied }) =>
        html`<tr>
          <td>${at}</td>
          <td>${projectId}</td>
          <td>${labelIds.length}</td>
          <td>${applied.length}</td>
        </tr>`,
    );
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
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
          }
        </style>
      </head>
      <body>
        <h1>Labeling sandbox</h1>
        <p>
          ${entries.length} mutations, ${labels} labels requeued. All of it as JSON: <a href="/ledger">/ledger</a>. Faults on demand:
          <a href="/faults">/faults</a>.
        </p>
        <table>
          <thead>
            <tr>
              <th>At</th>
              <th>Project</th>
              <th>Labels sent</th>
              <th>Requeued</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </body>
    </html>`;
  return ''.concat(page); // hono's html is a String object
}
