import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import type { ChunkRefusal } from '../../api/operator-api';
import { timestamp, untrusted, type Html } from '../html-helpers';

/** What the labeling service said of calls it refused. */
export function refusalsPart(refusals: readonly ChunkRefusal[]): Html {
  if (refusals.length === 0) return html``;
  return html`<section class="card">
    <h2>Calls that were refused</h2>
    <ol class="log">
      ${refusals.map(
        ({ from, to, at: when, because, detail }) =>
          html`<li>
            <p>
              ${timestamp(when)} labels ${formatNumber(from)} to ${formatNumber(to)}: ${untrusted(because)}
            </p>
            ${detail === null ? '' : html`<blockquote>${untrusted(detail)}</blockquote>`}
          </li>`,
      )}
    </ol>
  </section>`;
}
