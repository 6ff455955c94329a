/**
 * `live.js`: asks for the changing parts of a page again and exchanges what has changed. Everything works without it, by reloading.
 * A part in which somebody types, or has opened something, stays; its own note then says that it is out of date.
 */
export const liveScript = `'use strict';
(() => {
  const live = document.querySelector('[data-live]');
  if (!live) return;
  const state = document.querySelector('[data-live-state]');
  const partsOf = (root) => new Map([...root.querySelectorAll('[data-part]')].map((part) => [part.dataset.part, part]));
  const shown = new Map([...partsOf(live)].map(([name, part]) => [name, part.querySelector('[data-typed]') ? undefined : part.innerHTML]));
  let etag = '';
  let timer = 0;

  const isUsed = (part) =>
    [...part.querySelectorAll('input, textarea')].some((field) => field === document.activeElement || field.value !== field.defaultValue) ||
    part.querySelector('details[open] form, [data-typed]') !== null;

  function exchange(part, next) {
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const key = active && (active.getAttribute('href') ? '[href="' + CSS.escape(active.getAttribute('href')) + '"]' : active.id && '#' + CSS.escape(active.id));
    part.replaceChildren(...next.childNodes);
    if (key) part.querySelector(key)?.focus();
  }

  function show(text) {
    const answered = new DOMParser().parseFromString(text, 'text/html');
    live.dataset.every = answered.querySelector('[data-live]').dataset.every;
    const parts = partsOf(live);
    let isWhole = true;
    for (const [name, next] of partsOf(answered)) {
      const part = parts.get(name);
      if (!part) return [...parts.values()].some(isUsed) ? false : location.reload();
      if (shown.get(name) === undefined) shown.set(name, next.innerHTML); // it bears what was typed before: compare from now on
      if (shown.get(name) === next.innerHTML) continue;
      if (isUsed(part)) {
        isWhole = false;
        part.querySelectorAll('[data-stale]').forEach((note) => (note.hidden = false));
      } else {
        shown.set(name, next.innerHTML);
        exchange(part, next);
      }
    }
    return isWhole;
  }

  function say(words) {
    if (state.textContent !== words) state.textContent = words;
    state.hidden = words === '';
  }

  async function look() {
    try {
      const answer = await fetch(live.dataset.live, { headers: etag ? { 'If-None-Match': etag } : {}, signal: AbortSignal.timeout(15000) });
      if (answer.status === 200) etag = show(await answer.text()) ? answer.headers.get('ETag') : '';
      say(answer.ok || answer.status === 304 ? '' : 'This page is not live now: ' + (await answer.text()));
    } catch {
      say('This page is not live now: Requeue does not answer. It is asked again and again.');
    }
    wait();
  }

  function wait() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, Number(live.dataset.every));
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : look()));
  wait();
})();
`;
