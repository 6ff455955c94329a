import { formatDuration } from '../../text/duration';
import { html } from 'hono/html';
import { printable, replaceUnprintable } from '../../text/printable';

/** What `html` makes: escaped, whoever's text is in it. */
export type Html = ReturnType<typeof html>;

/** `awaiting-approval` as people say it. */
export function capitalizeName(name: string): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function badge(stage: string): Html {
  return html`<span class="badge ${stage}">${capitalizeName(stage)}</span>`;
}

/** A foreign text: set apart, so that its writing direction turns nothing around it, and with all of it to be seen. */
export function untrusted(text: string): Html {
  return html`<bdi>${withEscapes(text)}</bdi>`;
}

/** What turns the direction of text, or cannot be seen, as `\uXXXX`; lines stay. */
export function withEscapes(text: string): string {
  return replaceUnprintable(text, (character) =>
    /[\t\n\r]/.test(character) ? character : printable(character),
  );
}

/** How long ago, in minutes at the finest: the page is compared with itself every 2 s. */
export function ago(iso: string, now = Date.now()): Html {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (Number.isNaN(minutes)) return html`–`;
  return html`<time datetime="${iso}" title="${formatMoment(iso)}"
    >${minutes < 1 ? 'just now' : `${formatDuration(minutes * 60_000, 'short')} ago`}</time
  >`;
}

/** A moment to the second, UTC. */
export function timestamp(iso: string): Html {
  return html`<time datetime="${iso}">${formatMoment(iso)}</time>`;
}

function formatMoment(iso: string): string {
  return Number.isNaN(Date.parse(iso))
    ? iso
    : `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
