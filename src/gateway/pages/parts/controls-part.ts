import { html } from 'hono/html';
import type { ExportDetail } from '../../api/operator-api';
import type { Paths } from '../paths';
import type { Html } from '../html-helpers';

/** Pause or resume, and cancel, while the export runs. */
export function controlsPart(
  paths: Paths,
  { isOpen, stage, issueId }: Pick<ExportDetail, 'isOpen' | 'stage' | 'issueId'>,
): Html {
  if (!isOpen) return html``;
  return html`<section class="card">
    <h2>Steer</h2>
    ${stage === 'paused' ? button(paths, issueId, 'resume') : button(paths, issueId, 'pause')}
    <details>
      <summary>Cancel this export …</summary>
      <form method="post" action="${paths.of(issueId, 'cancel')}">
        <button disabled hidden></button>
        <p>
          Calls in flight end, then the report is written. What was not sent is withheld; the export cannot go
          on after it.
        </p>
        <p>
          <label for="cancel-reason">Reason</label>
          <textarea id="cancel-reason" name="reason" rows="2" maxlength="2000"></textarea>
        </p>
        <button class="danger">Cancel the export</button>
      </form>
    </details>
  </section>`;
}

/** For an export whose worker does not answer: signals wait for it, whatever its stage. */
export function controlsWithoutState(paths: Paths, issueId: string): Html {
  return html`<section class="card">
    <h2>Steer</h2>
    <p class="hint">These wait for a worker in Temporal.</p>
    <div class="buttons">${button(paths, issueId, 'pause')} ${button(paths, issueId, 'resume')}</div>
  </section>`;
}

const words = {
  pause: ['Pause', 'Calls in flight end, then nothing more is sent.'],
  resume: ['Resume', 'The first call goes alone.'],
} as const;

function button(paths: Paths, issueId: string, action: keyof typeof words): Html {
  const [name, hint] = words[action];
  return html`<form class="line" method="post" action="${paths.of(issueId, action)}">
    <button>${name}</button> <span class="hint">${hint}</span>
  </form>`;
}
