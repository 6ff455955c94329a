import { html } from 'hono/html';
import { whatToAskAgain } from '../../../domain/stage';
import type { ExportDetail } from '../../api/operator-api';
import type { Html } from '../html-helpers';
import type { Paths } from '../paths';

/**
 * Renders the form that exports an ended export's delivery again. Empty when the export is open or superseded, or
 * when a request of the issue is in the inbox.
 */
export function againPart(paths: Paths, { isOpen, inbox, issueId, stage }: ExportDetail): Html {
  const what = isOpen || inbox.length > 0 ? undefined : whatToAskAgain(stage);
  if (what === undefined) return html``;
  return html`<section class="card">
    <h2>Ask again</h2>
    ${what === 'all' ? allForm(paths, issueId) : form(paths, issueId)}
  </section>`;
}

function form(paths: Paths, issueId: string): Html {
  return html`<form method="post" action="${paths.of(issueId, 'again')}">
    <p>Only what was not done is planned, and the route's policy decides again whether a person is asked.</p>
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
  </form>`;
}

/** For a completed export. It is closed at first: sending everything again is rarely what a person wants. */
function allForm(paths: Paths, issueId: string): Html {
  return html`<details>
    <summary>Send all labels again…</summary>
    <form method="post" action="${paths.of(issueId, 'again')}">
      <p>
        This export is completed. Every label of it is sent to labeling again, also those that people have
        worked on since. The policy of the route decides again whether a question is asked.
      </p>
      <p>
        <label for="again-reason">Reason</label>
        <textarea id="again-reason" name="reason" rows="2" maxlength="2000" required></textarea>
      </p>
      <button class="danger" name="all" value="yes">Send all labels again</button>
    </form>
  </details>`;
}
