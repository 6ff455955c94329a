import { html } from 'hono/html';
import type { Html } from './html-helpers';

/** A part of a page that the script replaces when it has changed. */
export interface Part {
  readonly name: string;
  readonly content: Html;
  /**
   * True for a part only for screen readers, which announce each change. The element with the role must stay;
   * only its content may change.
   */
  readonly isAnnounced?: boolean;
}

/** Poll intervals in ms: short while an export is open or waiting, long once nothing changes. */
const pollMs = { active: 2000, idle: 10_000 };

/**
 * Renders the parts of a page that the script replaces.
 * @param href the address from which the script fetches the parts again.
 * @param parts parts, or columns of parts.
 */
export function liveParts(href: string, parts: readonly (Part | readonly Part[])[], isActive: boolean): Html {
  return html`<div data-live="${href}" data-every="${isActive ? pollMs.active : pollMs.idle}">
      ${parts.map((item) => ('name' in item ? renderPart(item) : html`<div class="column">${item.map(renderPart)}</div>`))}
    </div>
    <p class="stale" data-live-state role="status" hidden></p>`;
}

function renderPart({ name, content, isAnnounced = false }: Part): Html {
  if (isAnnounced) return html`<div class="unseen" role="status" data-part="${name}">${content}</div>`;
  return html`<div class="part ${name}" data-part="${name}">${content}</div>`;
}
