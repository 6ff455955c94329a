import { html } from 'hono/html';
import type { ExportDetail, ExportList, InboxRow } from '../../api/operator-api';
import { describeDrop } from '../../api/show/describe-idle';
import type { Paths } from '../paths';
import { ago, untrusted, type Html } from '../html-helpers';

/** Renders, on the list, the held requests, each with its reason and the forms that replay and drop it. */
export function heldPart(paths: Paths, held: ExportList['held']): Html {
  if (held.length === 0) return html``;
  return html`<section class="card attention">
    <h2>On hold</h2>
    <p class="hint">These requests are not retried. Replay a request to export it, or drop it.</p>
    <ul class="requests">
      ${held.map((row) => html`<li>${requestLine(row, paths)} ${holdReason(paths, row, row.because, false)}</li>`)}
    </ul>
  </section>`;
}

/** Renders, on the list, the requests that are stored but have no run yet. */
export function notStartedPart(rows: readonly InboxRow[]): Html {
  if (rows.length === 0) return html``;
  return html`<section class="card">
    <h2>Accepted, not started</h2>
    <p class="hint">These requests are stored. They start once Temporal accepts them.</p>
    <ul class="requests">
      ${rows.map((row) => html`<li>${requestLine(row)}</li>`)}
    </ul>
  </section>`;
}

/** Renders, on an export's page, the issue's requests that have no report yet. */
export function inboxPart(paths: Paths, inbox: ExportDetail['inbox']): Html {
  if (inbox.length === 0) return html``;
  return html`<section class="card">
    <h2>Waiting requests</h2>
    <ul class="requests">
      ${inbox.map(
        (row) =>
          html`<li>
            <p>Revision <code>${row.revision}</code>, received ${ago(row.receivedAt)}</p>
            ${row.held === undefined ? '' : holdReason(paths, row, row.held, true)}
          </li>`,
      )}
    </ul>
  </section>`;
}

function requestLine({ issueId, issueName, project, revision, receivedAt }: InboxRow, paths?: Paths): Html {
  const name = untrusted(issueName || issueId);
  return html`<p>
    ${paths ? html`<a href="${paths.show(issueId)}">${name}</a>` : html`<strong>${name}</strong>`}
    <span class="under"
      >${untrusted(project)} · <code>${untrusted(issueId)}</code> · revision <code>${revision}</code> ·
      ${ago(receivedAt)}</span
    >
  </p>`;
}

/**
 * @param isOnExportPage whether the forms return to the export's page. If not, they return to the list,
 *   because the export may not have a page yet.
 */
function holdReason(paths: Paths, row: InboxRow, because: string, isOnExportPage: boolean): Html {
  const { sha256, issueName, issueId, revision } = row;
  const name = html`<span class="unseen"> revision ${revision} of ${untrusted(issueName || issueId)}</span>`;
  const origin = isOnExportPage ? html`<input type="hidden" name="issue" value="${issueId}" />` : html``;
  return html`<div class="why">
    <p class="because">${untrusted(because)}</p>
    <form method="post" action="${paths.ofDelivery(sha256, 'replay')}">
      ${origin}
      <button>Replay${name}</button>
    </form>
    ${dropForm(paths, row, name, origin)}
  </div>`;
}

function dropForm(paths: Paths, { sha256, requestId }: InboxRow, name: Html, origin: Html): Html {
  return html`<details>
    <summary>Drop…${name}</summary>
    <form method="post" action="${paths.ofDelivery(sha256, 'drop')}">
      ${origin}
      <p>
        <label for="drop-reason-${requestId}">Reason</label>
        <input id="drop-reason-${requestId}" name="reason" maxlength="2000" required />
      </p>
      <button class="danger">Drop${name}</button>
    </form>
  </details>`;
}

/** Renders, on an export's page, the issue's requests that were dropped. */
export function droppedPart(dropped: ExportDetail['dropped']): Html {
  if (dropped.length === 0) return html``;
  return html`<section class="card">
    <h2>Dropped requests</h2>
    <ul class="requests">
      ${dropped.map(
        (row) =>
          html`<li>
            <p>Revision <code>${row.revision}</code>, received ${ago(row.receivedAt)}</p>
            <p>${ago(row.at)} ${untrusted(describeDrop(row))}</p>
            <p class="because">${untrusted(row.held)}</p>
          </li>`,
      )}
    </ul>
  </section>`;
}
