import { shortRevision } from '../../../domain/revision';
import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ExportDetail } from '../../api/operator-api';
import { timestamp, untrusted, type Html, capitalizeName } from '../html-helpers';

/**
 * Renders the decision log. Requests that came with an operator token are proven. A name in the export's own
 * log may be only a claim.
 */
export function logPart({ decisions, log }: ExportDetail): Html {
  if (decisions.length === 0 && log.length === 0) return html``;
  return html`<section class="card">
    <h2>Decision log</h2>
    ${decisions.length === 0 ? '' : operatorRequests(decisions)} ${log.length === 0 ? '' : exportLog(log)}
  </section>`;
}

function operatorRequests(decisions: ExportDetail['decisions']): Html {
  return html`<h3>Operator requests <span class="badge proof">Verified</span></h3>
    <p class="hint">Each request came with an operator token. The export log below shows its effect.</p>
    <ol class="log">
      ${decisions.toReversed().map(
        ({ at, by, decision, revision, upTo, reason }) =>
          html`<li>
            <p>
              ${timestamp(at)} <strong>${untrusted(by)}</strong>:
              ${capitalizeName(decision).toLowerCase()}${upTo === undefined ? '' : ` labels 1 to ${formatNumber(upTo)}`}${
                revision === undefined ? '' : html` <code>${shortRevision(revision)}</code>`
              }
            </p>
            ${reason === undefined ? '' : html`<blockquote>${untrusted(reason)}</blockquote>`}
          </li>`,
      )}
    </ol>`;
}

function exportLog(log: ExportDetail['log']): Html {
  return html`<h3>Export log</h3>
    <p class="hint">A name in quotes is not verified: Temporal does not record who sent a signal.</p>
    <ol class="log">
      ${log.toReversed().map(({ at, text }) => html`<li><p>${timestamp(at)} ${untrusted(text)}</p></li>`)}
    </ol>`;
}
