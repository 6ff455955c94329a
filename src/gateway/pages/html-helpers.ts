import { formatDuration } from '../../text/duration';
import { html } from 'hono/html';
import { printable, replaceUnprintable } from '../../text/printable';

/** What `html` returns. Every text in it is escaped. */
export type Html = ReturnType<typeof html>;

/** A name of the code as a person reads it: `awaiting-approval` becomes `Awaiting approval`. */
export function capitalizeName(name: string): string {
  const text = name.replaceAll('-', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function badge(stage: string): Html {
  return html`<span class="badge ${stage}">${capitalizeName(stage)}</span>`;
}

/**
 * Untrusted text, isolated so that its writing direction changes nothing around it, with unprintable
 * characters shown.
 */
export function untrusted(text: string): Html {
  return html`<bdi>${withEscapes(text)}</bdi>`;
}

/**
 * Shows characters that turn the direction of text or are invisible as `\uXXXX`. Tabs and line breaks stay.
 */
export function withEscapes(text: string): string {
  return replaceUnprintable(text, (character) =>
    /[\t\n\r]/.test(character) ? character : printable(character),
  );
}

/**
 * How long ago. One minute is the finest step: the script compares the page every 2 s, and seconds would
 * always differ.
 */
export function ago(iso: string, now = Date.now()): Html {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (Number.isNaN(minutes)) return html`–`;
  return html`<time datetime="${iso}" title="${formatUtc(iso)}"
    >${minutes < 1 ? 'just now' : `${formatDuration(minutes * 60_000, 'short')} ago`}</time
  >`;
}

/** A time to the second, in UTC. */
export function timestamp(iso: string): Html {
  return html`<time datetime="${iso}">${formatUtc(iso)}</time>`;
}

function formatUtc(iso: string): string {
  return Number.isNaN(Date.parse(iso))
    ? iso
    : `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
