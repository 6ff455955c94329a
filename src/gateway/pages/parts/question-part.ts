import { html } from 'hono/html';
import { pluralize } from '../../../text/pluralize';
import { formatNumber } from '../../../text/format-number';
import type { ExportDetail } from '../../api/operator-api';
import type { Paths } from '../paths';
import { type Html } from '../html-helpers';

/** The fields that the operator typed. The page shows them again when it refuses the decision. */
export interface Typed {
  readonly reason?: string | undefined;
  readonly upTo?: string | undefined;
}

/** Renders the open question with its form. Empty when no question is open. */
export function questionPart(paths: Paths, detail: ExportDetail, typed: Typed = {}): Html {
  const { isOpen, approval, labels, revision, issueId, plan, planFault } = detail;
  if (!isOpen || approval.question === undefined) return html``;
  const rest = labels.planned - approval.upTo;
  return html`<section class="card question">
    <h2>Send ${pluralize(rest, 'label')} back to labeling?</h2>
    ${approval.upTo > 0 ? html`<p>Labels 1 to ${formatNumber(approval.upTo)} are already approved.</p>` : ''}
    <form
      method="post"
      action="${paths.of(issueId, 'decision')}"
      ${typed.reason || typed.upTo ? 'data-typed' : ''}
    >
      <p class="stale" data-stale role="status" hidden>
        The question has changed since you started typing. Your decision applies only to revision
        <code>${revision}</code>. <a href="${paths.show(issueId)}">Show the current question</a>
      </p>
      <button disabled hidden></button>
      <input type="hidden" name="revision" value="${revision}" />
      ${plan === undefined ? '' : html`<input type="hidden" name="plan" value="${plan.plan}" />`}
      <p>
        <label for="reason">Reason <span class="hint">for the log and the report</span></label>
        <textarea id="reason" name="reason" rows="3" maxlength="2000">${typed.reason ?? ''}</textarea>
      </p>
      ${planFault === undefined ? upToField(labels.planned, typed) : ''}
      <p class="buttons">
        ${
          planFault === undefined
            ? html`<button class="primary" name="decision" value="approve">Approve</button>`
            : ''
        }
        <button class="danger" name="decision" value="reject" formnovalidate>Reject</button>
      </p>
    </form>
  </section>`;
}

function upToField(planned: number, typed: Typed): Html {
  return html`<p>
    <label for="up-to">Approve only labels 1 to</label>
    <input
      id="up-to"
      name="upTo"
      type="number"
      inputmode="numeric"
      min="1"
      max="${planned}"
      step="1"
      value="${typed.upTo ?? ''}"
      placeholder="all ${formatNumber(planned)}"
      aria-describedby="up-to-hint"
    />
    <span class="hint" id="up-to-hint">The remaining labels will need another decision.</span>
  </p>`;
}
