import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ChunkRefusal } from '../../api/operator-api';
import { timestamp, untrusted, type Html } from '../html-helpers';

/** Renders the calls that the labeling service refused, with the service's own message. */
export function refusalsPart(refusals: readonly ChunkRefusal[]): Html {
  if (refusals.length === 0) return html``;
  return html`<section class="card">
    <h2>Refused calls</h2>
    <ol class="log">
      ${refusals.map(
        ({ from, to, at, because, detail }) =>
          html`<li>
            <p>${timestamp(at)} labels ${formatNumber(from)} to ${formatNumber(to)}: ${untrusted(because)}</p>
            ${detail === null ? '' : html`<blockquote>${untrusted(detail)}</blockquote>`}
          </li>`,
      )}
    </ol>
  </section>`;
}
