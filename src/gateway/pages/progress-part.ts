import { html } from 'hono/html';
import type { ExportDetail } from '../api/operator-api';
import { ago, badge, count, foreign, type Html, lasting, spoken } from './words';

/** Where the export stands. The sentence for screen readers changes with every tenth, not with every chunk. */
export function progressPart(detail: ExportDetail): Html {
  const { stage, labels, chunks, revision, attempt, destination, queued, pausedBecause } = detail;
  const done = labels.relabeled + labels.alreadyGone + labels.refused + labels.unconfirmed;
  const tenths = labels.planned === 0 ? 0 : Math.floor((done / labels.planned) * 10) * 10;
  const outcomes = (['relabeled', 'alreadyGone', 'refused', 'unconfirmed', 'withheld'] as const).filter((kind) => labels[kind] > 0);
  return html`<section class="card">
    <h2>Progress</h2>
    <p class="unseen" role="status">${spoken(stage)}, ${tenths} percent done</p>
    <p class="line">
      ${badge(stage)}
      <span>
        Revision <code>${revision}</code>${attempt === undefined || attempt === 1 ? '' : `, attempt ${attempt}`}${
          destination === '' ? '' : html`, to ${foreign(destination)}`
        }
      </span>
    </p>
    ${pausedBecause === undefined ? '' : html`<p class="because">${foreign(pausedBecause)}</p>`}
    ${
      labels.planned === 0
        ? ''
        : html`<progress class="wide" max="${labels.planned}" value="${done}" aria-label="Labels done"></progress>
            <p>
              <strong>${count(done)}</strong> of <strong>${count(labels.planned)}</strong> labels
              done${chunks.total > 0 ? `, ${count(chunks.done)} of ${count(chunks.total)} calls` : ''}
            </p>`
    }
    ${
      outcomes.length === 0
        ? ''
        : html`<dl class="facts">
            ${outcomes.map(
              (kind) =>
                html`<div>
                  <dt>${outcomeNames[kind]}</dt>
                  <dd>${count(labels[kind])}</dd>
                </div>`,
            )}
          </dl>`
    }
    ${queued > 0 ? html`<p>${count(queued)} more ${queued === 1 ? 'request waits' : 'requests wait'} behind it.</p>` : ''}
    ${sourceWords(detail)}
  </section>`;
}

const outcomeNames = {
  relabeled: 'Relabeled',
  alreadyGone: 'Already gone',
  refused: 'Refused',
  unconfirmed: 'Unconfirmed',
  withheld: 'Withheld',
} as const;

function sourceWords({ source, approval: { expiresAt }, isOpen, reports }: ExportDetail): Html {
  const [report] = reports;
  if (isOpen && expiresAt !== undefined) return expiry(expiresAt);
  if (!isOpen && report) {
    const why = report.reason === undefined ? '' : html`: ${foreign(report.reason)}`;
    return html`<p>
      Ended
      ${ago(report.endedAt)}${why}${source === 'store' ? '. Temporal knows nothing of it any more; this is what its report says.' : ''}
    </p>`;
  }
  return html``;
}

function expiry(expiresAt: string): Html {
  const seconds = (Date.parse(expiresAt) - Date.now()) / 1000;
  return html`<p>Without a decision it expires <time datetime="${expiresAt}">in ${lasting(Math.max(seconds, 60))}</time>.</p>`;
}
