/**
 * Prints how the two readers fare with each giant body, each in a process of its own: the longest turn of the event loop, how much
 * the process grew, and how long reading took, as a multiple of what JSON.parse takes for the same bytes in the same process. A
 * refused body, one that V8 has no text for, and what is no JSON have no such ratio.
 *
 *   npm run bench
 */
const { execFileSync } = require('node:child_process');
const { resolve } = require('node:path');

const script = resolve(__dirname, '../test/export-body/giant-body.js');
const ask = (...args) => JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' }));
const MiB = 1024 * 1024;

function row(body, reader) {
  const { code, bytes, tookMs, parseMs, grewBytes, longestTurnMs } = ask(body, reader, 'compare');
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

console.table(ask().flatMap((body) => ['gateway', 'worker'].map((reader) => row(body, reader))));
