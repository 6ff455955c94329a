/**
 * `style.css`. Colours are defined once for light mode and once for dark mode. Every text colour has a
 * contrast ratio of at least 4.5 to its background.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #fff; --text: #1a2029; --soft: #596273; --line: #d9dde4; --field: #8a93a3;
  --accent: #1f5f8b; --on-accent: #fff; --track: #e3e7ed;
  --good: #1b6b3a; --good-ground: #e2f3e8; --warn: #7a4b00; --warn-ground: #fdf0d5;
  --bad: #a3261f; --bad-ground: #fce8e6; --info: #1f5f8b; --info-ground: #e1eef7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1b212a; --text: #e7eaef; --soft: #a3adbc; --line: #313946; --field: #6d788a;
    --accent: #7cc0ee; --on-accent: #0d1b26; --track: #313946;
    --good: #86d9a3; --good-ground: #173323; --warn: #f2c777; --warn-ground: #3a2c10;
    --bad: #ffa69e; --bad-ground: #42201d; --info: #8fc9f0; --info-ground: #182f40;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 76rem; margin: 0 auto; padding: 1.25rem 1.25rem 4rem; }
main:focus { outline: none; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0.25rem 0 0.75rem; letter-spacing: -0.01em; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.35rem; }
p { margin: 0 0 0.6rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
a:hover { text-decoration-thickness: 2px; }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 0.5rem; top: -4rem; background: var(--card); padding: 0.5rem 1rem; z-index: 1; }
.skip:focus { top: 0.5rem; }
.top { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; justify-content: space-between;
  padding: 0.6rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
.home { font-weight: 700; color: inherit; text-decoration: none; }
.who { display: flex; gap: 0.75rem; align-items: center; color: var(--soft); font-size: 0.9rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1.1rem 1.25rem; margin: 0 0 1rem; }
.card > :last-child, .card li > :last-child, .card form > :last-child { margin-bottom: 0; }
.about, .under, .hint { color: var(--soft); }
.under { display: block; font-size: 0.875rem; }
.hint { font-size: 0.875rem; }
.destinations { margin-top: 1rem; }
.notice { border-radius: 0.6rem; padding: 0.75rem 1rem; margin: 0 0 1rem; font-weight: 500; }
.good { background: var(--good-ground); color: var(--good); }
.warn { background: var(--warn-ground); color: var(--warn); }
.bad { background: var(--bad-ground); color: var(--bad); }
.stale { color: var(--warn); background: var(--warn-ground); border-radius: 0.4rem; padding: 0.5rem 0.75rem; }
.stale a { color: inherit; }
.because { color: var(--warn); white-space: pre-wrap; }
.attention { border-color: var(--warn); }
.badge { display: inline-block; white-space: nowrap; padding: 0.1rem 0.6rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600;
  background: var(--track); color: var(--text); }
.badge.sending, .badge.preparing { background: var(--info-ground); color: var(--info); }
.badge.completed, .badge.proof { background: var(--good-ground); color: var(--good); }
.badge.awaiting-approval, .badge.paused, .badge.completed-with-problems, .badge.problem { background: var(--warn-ground); color: var(--warn); }
.badge.failed, .badge.rejected, .badge.cancelled, .badge.terminated { background: var(--bad-ground); color: var(--bad); }
label { display: block; font-weight: 600; font-size: 0.9rem; margin-bottom: 0.25rem; }
label .hint { font-weight: 400; }
input, select, textarea, button { font: inherit; color: inherit; }
input:not([type='hidden']), select, textarea { width: 100%; min-height: 2.75rem; padding: 0.5rem 0.7rem; background: var(--ground);
  border: 1px solid var(--field); border-radius: 0.4rem; }
textarea { resize: vertical; display: block; }
input[type='checkbox'] { width: 1.25rem; min-height: 1.25rem; margin-right: 0.4rem; vertical-align: middle; }
label:has(input[type='checkbox']) { font-weight: 400; padding: 0.6rem 0; }
::placeholder { color: var(--soft); opacity: 1; }
button { min-height: 2.75rem; padding: 0.4rem 1.1rem; border: 1px solid var(--field); border-radius: 0.4rem; background: var(--card);
  font-weight: 600; cursor: pointer; flex: none; white-space: nowrap; }
button:hover { border-color: var(--text); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { color: var(--bad); border-color: currentColor; }
button.quiet { min-height: 2rem; padding: 0.1rem 0.75rem; font-size: 0.875rem; color: var(--text); }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; }
summary { cursor: pointer; padding: 0.3rem 0; font-weight: 600; }
details form { padding-top: 0.5rem; }
progress { appearance: none; display: block; width: 100%; height: 0.5rem; border: 0; border-radius: 1rem; background: var(--track); overflow: hidden; }
progress::-webkit-progress-bar { background: var(--track); border-radius: 1rem; }
progress::-webkit-progress-value { background: var(--accent); border-radius: 1rem; }
progress::-moz-progress-bar { background: var(--accent); border-radius: 1rem; }
progress.wide { height: 0.75rem; margin-bottom: 0.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.5rem 0.75rem; vertical-align: top; }
thead th { overflow-wrap: normal; font-size: 0.8125rem; color: var(--soft); font-weight: 600; }
tbody tr { border-top: 1px solid var(--line); }
dl, ul, ol { margin: 0 0 0.75rem; padding: 0; }
dd { margin: 0; }
ul, ol { list-style: none; }
li + li { border-top: 1px solid var(--line); margin-top: 0.75rem; padding-top: 0.75rem; }
.line { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; }
.facts { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; font-variant-numeric: tabular-nums; }
.facts dt { font-size: 0.8125rem; color: var(--soft); }
.facts dd { font-size: 1.125rem; font-weight: 600; }

.filter { display: grid; grid-template-columns: 1fr 1fr 1.5fr auto; gap: 0.75rem; align-items: end; margin-bottom: 1.25rem; }
.filter p { margin: 0; min-width: 0; }
.exports table, table.exports { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; border-collapse: separate;
  border-spacing: 0; table-layout: fixed; }
table.exports tbody tr > * { border-top: 1px solid var(--line); }
table.exports th:first-child { width: 30%; padding-left: 1.25rem; }
table.exports thead th:nth-child(2) { width: 13.75rem; }
table.exports thead th:nth-child(3) { width: 18%; }
table.exports .started, table.exports .temporal { white-space: nowrap; }
table.exports th a, table.exports th .under { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
table.exports tbody th { font-weight: 600; }
table.exports tbody th .under { font-weight: 400; }
table.exports progress { margin: 0.5rem 0 0.3rem; }
.requests .under { margin-top: 0.1rem; }
.why { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; align-items: center; justify-content: space-between; }
.why p { margin: 0; flex: 1 1 16rem; }
.paging { display: flex; gap: 1.5rem; padding: 1rem 0; }
.nothing { padding: 3rem 1rem; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: 0.6rem; }

[data-live]:has(> .column) { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(0, 1fr); gap: 0 1rem; align-items: start; }
.part, .column { min-width: 0; }
[data-live] > .part { grid-column: 1 / -1; }
.part:empty { display: none; }
.question { border-color: var(--accent); border-top-width: 4px; }
.question .buttons { margin-top: 1.1rem; }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.5rem 2rem; margin-top: 1.25rem; align-items: start; }
.named { margin-bottom: 0.5rem; }
.named caption { text-align: left; font-weight: 600; padding-bottom: 0.25rem; }
.named th, .named td { padding: 0.25rem 0; font-weight: 400; }
.named td, .number { text-align: right; white-space: nowrap; }
.left-out li { border: 0; margin: 0.2rem 0 0; padding: 0; }
.sample { margin-top: 1.25rem; }
.scroll { position: relative; overflow-x: auto; overflow-wrap: normal; }
.rows th, .rows td { padding: 0.35rem 1.25rem 0.35rem 0; }
.rows td:nth-child(3) { min-width: 5rem; overflow-wrap: anywhere; }
.rows td:nth-child(4) { min-width: 11rem; overflow-wrap: anywhere; }
.line form, form.line { margin-bottom: 0.5rem; }
form.line { flex-wrap: nowrap; }
.log time { color: var(--soft); font-size: 0.875rem; margin-right: 0.35rem; font-variant-numeric: tabular-nums; }
.log li + li { margin-top: 0.5rem; padding-top: 0.5rem; }
blockquote { margin: 0.35rem 0 0; padding: 0.1rem 0 0.1rem 0.8rem; border-left: 3px solid var(--line); white-space: pre-wrap; }
.downloads a { display: inline-block; padding: 0.25rem 0; margin-right: 1.25rem; font-weight: 600; }
.sign-in { max-width: 24rem; margin: 8vh auto 0; }
.sign-in input { margin-bottom: 0.4rem; }

@media (max-width: 52rem) {
  main { padding: 1rem 1rem 3rem; }
  .top { padding: 0.5rem 1rem; }
  h1 { font-size: 1.45rem; }
  .card { padding: 1rem; }
  [data-live]:has(> .column) { display: block; }
  .filter { grid-template-columns: 1fr 1fr; }
  .filter p:nth-child(n + 3) { grid-column: 1 / -1; }
  table.exports { border: 0; background: none; }
  table.exports, table.exports tbody { display: block; }
  table.exports thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.exports tr { display: grid; grid-template-columns: auto 1fr auto; gap: 0.25rem 0.9rem; align-items: center; background: var(--card);
    border: 1px solid var(--line); border-radius: 0.6rem; padding: 0.85rem 1rem; margin-bottom: 0.75rem; }
  table.exports tbody tr > *, table.exports tbody th:first-child { border: 0; padding: 0; width: auto; }
  table.exports tbody th, table.exports .labels { grid-column: 1 / -1; }
  table.exports .stage { grid-column: 1 / -1; }
  table.exports .destination, table.exports .started, table.exports .temporal { font-size: 0.875rem; color: var(--soft); }
}
@media (prefers-reduced-motion: no-preference) {
  progress::-webkit-progress-value { transition: width 0.4s; }
}
@media (forced-colors: active) {
  .badge { border: 1px solid; }
}
`;
