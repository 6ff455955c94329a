import { html } from 'hono/html';
import type { Html } from './html-helpers';

/** A piece of a page that is exchanged by itself when it has changed. */
export interface Part {
  readonly name: string;
  readonly content: Html;
  /** For screen readers alone, which say it when it changes: the element that stays has to be the one with the role. */
  readonly isSpoken?: boolean;
}

/** Between two looks, in ms, while something moves, and while nothing does. */
const everyMs = { moving: 2000, still: 10_000 };

/** The parts of a page, or columns of them, and where the script asks for them again. */
export function liveParts(href: string, parts: readonly (Part | readonly Part[])[], isMoving: boolean): Html {
  return html`<div data-live="${href}" data-every="${isMoving ? everyMs.moving : everyMs.still}">
      ${parts.map((one) => ('name' in one ? renderPart(one) : html`<div class="column">${one.map(renderPart)}</div>`))}
    </div>
    <p class="stale" data-live-state role="status" hidden></p>`;
}

function renderPart({ name, content, isSpoken = false }: Part): Html {
  if (isSpoken) return html`<div class="unseen" role="status" data-part="${name}">${content}</div>`;
  return html`<div class="part ${name}" data-part="${name}">${content}</div>`;
}
