import { html } from 'hono/html';
import { canAskAgain } from '../../../domain/stage';
import type { ExportDetail } from '../../api/operator-api';
import type { Html } from '../html-helpers';
import type { Paths } from '../paths';

/** Renders the form that exports an ended export's delivery again; empty when nothing was left undone. */
export function againPart(paths: Paths, { isOpen, inbox, issueId, stage }: ExportDetail): Html {
  if (isOpen || inbox.length > 0 || !canAskAgain(stage)) return html``;
  return html`<section class="card">
    <h2>Ask again</h2>
    <form method="post" action="${paths.of(issueId, 'again')}">
      <p>Only what was not done is planned, and the question is asked as before.</p>
      <p>
        <label for="again-reason">Reason</label>
        <textarea id="again-reason" name="reason" rows="2" maxlength="2000"></textarea>
      </p>
      <p>
        <label
          ><input type="checkbox" name="all" value="yes" /> Send all labels again, also those that are
          done</label
        >
      </p>
      <button>Ask again</button>
    </form>
  </section>`;
}
