import { html } from 'hono/html';
import type { ExportDetail, ExportList, InboxRow } from '../../api/operator-api';
import type { Paths } from '../paths';
import { ago, untrusted, type Html } from '../html-helpers';

/** What waits for an operator. */
export function heldPart(paths: Paths, held: ExportList['held']): Html {
  if (held.length === 0) return html``;
  return html`<section class="card attention">
    <h2>Held</h2>
    <p class="hint">Nobody tries these any more, until you replay them.</p>
    <ul class="requests">
      ${held.map((row) => html`<li>${requestLine(row, paths)} ${heldWords(paths, row, row.because, false)}</li>`)}
    </ul>
  </section>`;
}

/** What is kept, and Temporal has not taken yet. */
export function notStartedPart(rows: readonly InboxRow[]): Html {
  if (rows.length === 0) return html``;
  return html`<section class="card">
    <h2>Accepted, not started</h2>
    <p class="hint">Kept in the store; they start when Temporal takes them.</p>
    <ul class="requests">
      ${rows.map((row) => html`<li>${requestLine(row)}</li>`)}
    </ul>
  </section>`;
}

/** The requests of one issue that are not finished. */
export function inboxPart(paths: Paths, inbox: ExportDetail['inbox']): Html {
  if (inbox.length === 0) return html``;
  return html`<section class="card">
    <h2>Requests that are not finished</h2>
    <ul class="requests">
      ${inbox.map(
        (row) =>
          html`<li>
            <p>Revision <code>${row.revision}</code>, received ${ago(row.receivedAt)}</p>
            ${row.held === undefined ? '' : heldWords(paths, row, row.held, true)}
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

/** @param isOnPage whether the form stands on the export's own page, and leads back to it; in the list its export may not be there yet. */
function heldWords(
  paths: Paths,
  { sha256, issueName, issueId, revision }: InboxRow,
  because: string,
  isOnPage: boolean,
): Html {
  return html`<div class="why">
    <p class="because">${untrusted(because)}</p>
    <form method="post" action="${paths.replay(sha256)}">
      ${isOnPage ? html`<input type="hidden" name="issue" value="${issueId}" />` : ''}
      <button>
        Replay<span class="unseen"> revision ${revision} of ${untrusted(issueName || issueId)}</span>
      </button>
    </form>
  </div>`;
}
