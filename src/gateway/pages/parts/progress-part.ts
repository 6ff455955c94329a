import { clock } from '../../../clock/clock';
import { formatDuration } from '../../../text/duration';
import { describeNextStep } from '../../api/show/describe-next-step';
import { pausedDeadline } from '../../../text/sentences';
import { labelsDone, listOutcomes } from '../../../domain/label-outcome';
import { html } from 'hono/html';
import { formatNumber } from '../../../text/format-number';
import { pluralize } from '../../../text/pluralize';
import { describeIdle } from '../../api/show/describe-idle';
import { describeWaiting } from '../../api/show/describe-pending';
import type { ExportDetail } from '../../api/operator-api';
import { ago, badge, untrusted, type Html, capitalizeName, capitalizeSentence } from '../html-helpers';

/**
 * Renders the progress as one sentence for screen readers. Changes every ten percent, not with every chunk.
 */
export function progressSummary({ stage, labels }: ExportDetail): Html {
  const tenths = labels.planned === 0 ? 0 : Math.floor((labelsDone(labels) / labels.planned) * 10);
  return html`${capitalizeName(stage)}, ${tenths * 10} percent done`;
}

export function progressPart(detail: ExportDetail): Html {
  const { stage, labels, chunks, revision, attempt, destination, queued, pausedBecause } = detail;
  const done = labelsDone(labels);
  const idle = describeIdle(detail);
  const outcomes = listOutcomes(labels).filter((outcome) => outcome.labels > 0);
  return html`<section class="card">
    <h2>Progress</h2>
    <p class="line">
      ${badge(stage)}
      <span>
        Revision
        <code>${revision}</code>${attempt === undefined || attempt === 1 ? '' : `, attempt ${attempt}`}${
          destination === '' ? '' : html`, to ${untrusted(destination)}`
        }
      </span>
    </p>
    ${pausedBecause === undefined ? '' : html`<p class="because">${untrusted(pausedBecause)}</p>`}
    ${idle === undefined ? '' : html`<p class="because">${untrusted(`${capitalizeSentence(idle)}.`)}</p>`}
    ${describeWaiting(detail).map((sentence) => html`<p class="because">${untrusted(sentence)}</p>`)}
    ${
      labels.planned === 0
        ? ''
        : html`<progress
              class="wide"
              max="${labels.planned}"
              value="${done}"
              aria-label="Labels done"
            ></progress>
            <p>
              <strong>${formatNumber(done)}</strong> of
              <strong>${formatNumber(labels.planned)}</strong> labels
              done${chunks.total > 0 ? `, ${formatNumber(chunks.done)} of ${formatNumber(chunks.total)} calls` : ''}
            </p>`
    }
    ${
      outcomes.length === 0
        ? ''
        : html`<dl class="facts">
            ${outcomes.map(
              (outcome) =>
                html`<div>
                  <dt>${capitalizeName(outcome.name)}</dt>
                  <dd>${formatNumber(outcome.labels)}</dd>
                </div>`,
            )}
          </dl>`
    }
    ${queued > 0 ? html`<p>${pluralize(queued, 'waiting request')}.</p>` : ''} ${deadlineOrEnd(detail)}
    <p class="hint">${describeNextStep(detail)}</p>
  </section>`;
}

function deadlineOrEnd({
  source,
  approval: { expiresAt, remainingMs },
  isOpen,
  outcome,
  reports,
}: ExportDetail): Html {
  const [report] = reports;
  if (isOpen && expiresAt !== undefined) return expiry(expiresAt);
  if (isOpen && remainingMs !== undefined) return html`<p>${pausedDeadline(remainingMs)}</p>`;
  if (!isOpen && outcome !== undefined && report) {
    const reason = report.reason === undefined ? '' : html`: ${untrusted(report.reason)}`;
    return html`<p>Ended ${ago(report.endedAt)}${reason}</p>
      ${source === 'store' ? storeNote : ''}`;
  }
  return html``;
}

const storeNote = html`<p class="hint">
  This page shows only the report, because Temporal no longer has the workflow or does not answer.
</p>`;

function expiry(expiresAt: string): Html {
  const leftMs = Date.parse(expiresAt) - clock.now();
  return html`<p>
    Without a decision, this export expires
    <time datetime="${expiresAt}">in ${formatDuration(Math.max(leftMs, 60_000), 'coarse')}</time>.
  </p>`;
}
