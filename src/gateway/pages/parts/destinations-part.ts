import { html } from 'hono/html';
import { pausePromise } from '../../../text/sentences';
import { describeDestination } from '../../api/show/describe-destination';
import type { DestinationState } from '../../api/operator-api';
import { untrusted, type Html } from '../html-helpers';
import type { Paths } from '../paths';

/** Renders what keeps exports of a destination waiting, which exports these are, and the way on. */
export function waitingPart(paths: Paths, destinations: readonly DestinationState[]): Html {
  return html`${destinations
    .filter(({ paused, waits }) => paused || waits)
    .map(
      (state) =>
        html`<div class="notice warn" role="status">
          ${describeDestination(state).map((sentence) => html`<p>${untrusted(sentence)}</p>`)}
          ${waitingExports(paths, state)} ${state.paused ? resumeForm(paths, state) : ''}
        </div>`,
    )}`;
}

function waitingExports(paths: Paths, { waiting, hasMore }: DestinationState): Html {
  if (waiting.length === 0) return html``;
  return html`<p>
    Waiting exports:
    ${waiting.map(
      ({ issueId, issueName }, at) =>
        html`${at === 0 ? '' : ', '}<a href="${paths.show(issueId)}">${untrusted(issueName || issueId)}</a>`,
    )}${hasMore ? ' and more' : ''}.
  </p>`;
}

/** Renders a form that ends an operator's pause of a destination. */
export function resumeForm(paths: Paths, { name }: Pick<DestinationState, 'name'>): Html {
  return html`<form class="line" method="post" action="${paths.ofDestination(name, 'resume')}">
    <button>Resume ${untrusted(name)}</button>
  </form>`;
}

/** Renders a form for each destination that can be paused. */
export function pauseDestinationsPart(paths: Paths, destinations: readonly DestinationState[]): Html {
  const open = destinations.filter(({ paused }) => !paused);
  if (open.length === 0) return html``;
  return html`<details class="card">
    <summary>Pause a destination…</summary>
    <p class="hint">New and waiting exports hold until the destination is resumed; ${pausePromise}.</p>
    ${open.map(
      ({ name }, at) =>
        html`<form method="post" action="${paths.ofDestination(name, 'pause')}">
          <p>
            <label for="pause-reason-${at}">Reason</label>
            <input id="pause-reason-${at}" name="reason" maxlength="2000" />
          </p>
          <button>Pause ${untrusted(name)}</button>
        </form>`,
    )}
  </details>`;
}
