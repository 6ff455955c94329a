import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ExportDetail } from '../../api/operator-api';
import { timestamp, untrusted, type Html, capitalizeName } from '../html-helpers';

/** Who decided what: what came with a token is proved, names in the workflow's own log may be claims. */
export function logPart({ decisions, log }: ExportDetail): Html {
  if (decisions.length === 0 && log.length === 0) return html``;
  return html`<section class="card">
    <h2>Decision log</h2>
    ${decisions.length === 0 ? '' : proved(decisions)} ${log.length === 0 ? '' : noted(log)}
  </section>`;
}

function proved(decisions: ExportDetail['decisions']): Html {
  return html`<h3>With a token <span class="badge proof">Proof</span></h3>
    <p class="hint">Who asked for what, in their own words; what came of it stands below.</p>
    <ol class="log">
      ${decisions.toReversed().map(
        ({ at: when, by, decision, revision, upTo, reason }) =>
          html`<li>
            <p>
              ${timestamp(when)} <strong>${untrusted(by)}</strong>:
              ${capitalizeName(decision).toLowerCase()}${upTo === undefined ? '' : ` labels 1 to ${formatNumber(upTo)}`}${
                revision === undefined ? '' : html` <code>${revision.slice(0, 12)}</code>`
              }
            </p>
            ${reason === undefined ? '' : html`<blockquote>${untrusted(reason)}</blockquote>`}
          </li>`,
      )}
    </ol>`;
}

function noted(log: ExportDetail['log']): Html {
  return html`<h3>As the export noted it</h3>
    <p class="hint">A name in quotes is a claim: a signal proves nobody.</p>
    <ol class="log">
      ${log.toReversed().map(({ at: when, text }) => html`<li><p>${timestamp(when)} ${untrusted(text)}</p></li>`)}
    </ol>`;
}
