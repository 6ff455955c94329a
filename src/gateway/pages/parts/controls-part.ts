import { html } from 'hono/html';
import { pausePromise } from '../../../text/sentences';
import { resumePromise } from '../../api/decide/steer-messages';
import type { ExportDetail } from '../../api/operator-api';
import type { Paths } from '../paths';
import { capitalizeName, capitalizeSentence, type Html } from '../html-helpers';
import { resumeForm } from './destinations-part';

/**
 * Renders the buttons: pause or resume, and cancel. Empty once the export has ended. An export that a paused
 * destination holds cannot be resumed alone: it would pause again.
 */
export function controlsPart(
  paths: Paths,
  {
    isOpen,
    stage,
    issueId,
    pausedBy,
    destinationState: destination,
  }: Pick<ExportDetail, 'isOpen' | 'stage' | 'issueId' | 'pausedBy' | 'destinationState'>,
): Html {
  if (!isOpen) return html``;
  const isHeld = pausedBy === 'destination' && destination?.paused !== undefined;
  return html`<section class="card">
    <h2>Controls</h2>
    ${destination?.paused ? resumeForm(paths, destination) : ''}
    ${button(paths, issueId, stage === 'paused' && !isHeld ? 'resume' : 'pause')}
    ${cancelForm(paths, issueId)}
  </section>`;
}

function cancelForm(paths: Paths, issueId: string): Html {
  return html`<details>
    <summary>Cancel this export…</summary>
    <form method="post" action="${paths.of(issueId, 'cancel')}">
      <button disabled hidden></button>
      <p>
        Calls in flight finish, then the report is written. Labels not yet sent are withheld. A cancelled
        export cannot be resumed.
      </p>
      <p>
        <label for="cancel-reason">Reason</label>
        <textarea id="cancel-reason" name="reason" rows="2" maxlength="2000"></textarea>
      </p>
      <button class="danger">Cancel export</button>
    </form>
  </details>`;
}

/**
 * Why the export's stage is unknown: no worker answers, Temporal itself paused the run, or the store fails.
 */
export type Unanswered = 'no-worker' | 'paused-in-temporal' | 'store';

const unansweredHints = {
  'no-worker': 'Temporal keeps these requests until a worker runs.',
  'paused-in-temporal': 'Temporal keeps these requests until the run is unpaused.',
  store: 'Pause and cancel work without the store. The log then marks your name as claimed.',
} as const;

/**
 * Renders pause, resume and cancel while the export's stage is unknown: an operator must always be able to
 * stop an export. Resume is left out where the gateway refuses it.
 */
export function controlsWithoutState(paths: Paths, issueId: string, cause: Unanswered): Html {
  return html`<section class="card">
    <h2>Controls</h2>
    <p class="hint">${unansweredHints[cause]}</p>
    <div class="buttons">
      ${button(paths, issueId, 'pause')} ${cause === 'no-worker' ? button(paths, issueId, 'resume') : ''}
    </div>
    ${cancelForm(paths, issueId)}
  </section>`;
}

const hints = { pause: pausePromise, resume: resumePromise } as const;

function button(paths: Paths, issueId: string, action: keyof typeof hints): Html {
  return html`<form class="line" method="post" action="${paths.of(issueId, action)}">
    <button>${capitalizeName(action)}</button> <span class="hint">${capitalizeSentence(hints[action])}.</span>
  </form>`;
}
