/**
 * Measures both readers with each giant body, each pair in its own process. Prints the longest turn of the
 * event loop, the growth of the process, and the time as a multiple of JSON.parse's time for the same bytes
 * in the same process. That multiple is missing for a refused body, for a body too long for a V8 string, and
 * for a body that is not JSON. Then it measures lists (bench-lists.js).
 *
 *   npm run bench [-- bodies|lists]
 */
const { execFileSync } = require('node:child_process');
const { resolve } = require('node:path');
const { benchLists } = require('./bench-lists');

const script = resolve(__dirname, '../test/export-body/giant-body.js');
const measure = (...args) =>
  JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' }));
const MiB = 1024 * 1024;

function row(body, reader) {
  const { code, bytes, tookMs, parseMs, grewBytes, longestTurnMs } = measure(body, reader, 'compare');
  return {
    body,
    reader,
    verdict: code ?? 'read',
    'MiB read': Math.round(bytes / MiB),
    'longest turn, ms': longestTurnMs,
    'grew by, MiB': Math.round(grewBytes / MiB),
    'times JSON.parse': parseMs === undefined ? '' : Number((tookMs / parseMs).toFixed(1)),
  };
}

const part = process.argv[2];
if (part !== 'lists')
  console.table(measure().flatMap((body) => ['gateway', 'worker'].map((reader) => row(body, reader))));
if (part !== 'bodies') void benchLists();
