/**
 * `live.js` polls the changing parts of a page and replaces those that differ. Without JavaScript, a reload
 * does the same. A part in use (the operator types in it or has opened a form) is not replaced. Instead, a
 * note in it states that it is out of date.
 */
export const liveScript = `'use strict';
(() => {
  const live = document.querySelector('[data-live]');
  if (!live) return;
  const state = document.querySelector('[data-live-state]');
  const findParts = (root) => new Map([...root.querySelectorAll('[data-part]')].map((part) => [part.dataset.part, part]));
  const shown = new Map([...findParts(live)].map(([name, part]) => [name, part.querySelector('[data-typed]') ? undefined : part.innerHTML]));
  let etag = '';
  let timer = 0;

  const isInUse = (part) =>
    [...part.querySelectorAll('input, textarea')].some((field) => field === document.activeElement || field.value !== field.defaultValue) ||
    part.querySelector('details[open] form, [data-typed]') !== null;

  function replaceContent(part, next) {
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const selector = active && (active.getAttribute('href') ? '[href="' + CSS.escape(active.getAttribute('href')) + '"]' : active.id && '#' + CSS.escape(active.id));
    part.replaceChildren(...next.childNodes);
    if (selector) part.querySelector(selector)?.focus();
  }

  // Returns whether every part is up to date.
  function update(text) {
    const fetched = new DOMParser().parseFromString(text, 'text/html');
    live.dataset.every = fetched.querySelector('[data-live]').dataset.every;
    const parts = findParts(live);
    let isCurrent = true;
    for (const [name, next] of findParts(fetched)) {
      const part = parts.get(name);
      if (!part) return [...parts.values()].some(isInUse) ? false : location.reload();
      if (shown.get(name) === undefined) shown.set(name, next.innerHTML); // the page came with typed text in this part, so it is compared from now on
      if (shown.get(name) === next.innerHTML) continue;
      if (isInUse(part)) {
        isCurrent = false;
        part.querySelectorAll('[data-stale]').forEach((note) => (note.hidden = false));
      } else {
        shown.set(name, next.innerHTML);
        replaceContent(part, next);
      }
    }
    return isCurrent;
  }

  function showState(text) {
    if (state.textContent !== text) state.textContent = text;
    state.hidden = text === '';
  }

  async function poll() {
    try {
      const response = await fetch(live.dataset.live, { headers: etag ? { 'If-None-Match': etag } : {}, signal: AbortSignal.timeout(15000) }); // in ms; one export needs at most two calls to Temporal, of 5 s each
      if (response.status === 200) etag = update(await response.text()) ? response.headers.get('ETag') : '';
      showState(response.ok || response.status === 304 ? '' : 'Live updates are paused: ' + (await response.text()));
    } catch {
      showState('Live updates are paused: Requeue does not answer. Retrying.');
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(poll, Number(live.dataset.every));
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : poll()));
  schedule();
})();
`;
