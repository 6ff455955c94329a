import { clock } from '../../clock/clock';
import { formatDuration } from '../../text/duration';
import { html } from 'hono/html';
import { printable, replaceUnprintable } from '../../text/printable';

/** The result of `html`, which escapes every interpolated string. */
export type Html = ReturnType<typeof html>;

/** Turns a name from the code into words: `awaiting-approval` becomes `Awaiting approval`. */
export function capitalizeName(name: string): string {
  return capitalizeSentence(name.replaceAll('-', ' '));
}

export function capitalizeSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function badge(stage: string): Html {
  return html`<span class="badge ${stage}">${capitalizeName(stage)}</span>`;
}

/**
 * Renders untrusted text. Isolates it, so that its writing direction changes nothing around it, and shows
 * unprintable characters as escapes.
 */
export function untrusted(text: string): Html {
  return html`<bdi>${withEscapes(text)}</bdi>`;
}

/**
 * Replaces characters that are invisible or change the writing direction with `\uXXXX`. Keeps tabs and line
 * breaks.
 */
export function withEscapes(text: string): string {
  return replaceUnprintable(text, (character) =>
    /[\t\n\r]/.test(character) ? character : printable(character),
  );
}

/**
 * Renders how long ago a time was, in whole minutes. The script compares the page every 2 s, and seconds
 * would always differ.
 */
export function ago(iso: string, now = clock.now()): Html {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000);
  if (Number.isNaN(minutes)) return html`–`;
  return html`<time datetime="${iso}" title="${formatUtc(iso)}"
    >${minutes < 1 ? 'just now' : `${formatDuration(minutes * 60_000, 'short')} ago`}</time
  >`;
}

/** Renders a time to the second, in UTC. */
export function timestamp(iso: string): Html {
  return html`<time datetime="${iso}">${formatUtc(iso)}</time>`;
}

function formatUtc(iso: string): string {
  return Number.isNaN(Date.parse(iso))
    ? iso
    : `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
