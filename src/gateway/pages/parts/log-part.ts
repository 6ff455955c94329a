import { html } from 'hono/html';
import { grouped } from '../../../text/format-number';
import type { ExportDetail } from '../../api/operator-api';
import { at, foreign, type Html, spoken } from '../words';

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
              ${at(when)} <strong>${foreign(by)}</strong>:
              ${spoken(decision).toLowerCase()}${upTo === undefined ? '' : ` labels 1 to ${grouped(upTo)}`}${
                revision === undefined ? '' : html` <code>${revision.slice(0, 12)}</code>`
              }
            </p>
            ${reason === undefined ? '' : html`<blockquote>${foreign(reason)}</blockquote>`}
          </li>`,
      )}
    </ol>`;
}

function noted(log: ExportDetail['log']): Html {
  return html`<h3>As the export noted it</h3>
    <p class="hint">A name in quotes is a claim: a signal proves nobody.</p>
    <ol class="log">
      ${log.toReversed().map(({ at: when, text }) => html`<li><p>${at(when)} ${foreign(text)}</p></li>`)}
    </ol>`;
}
