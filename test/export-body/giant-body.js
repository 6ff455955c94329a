/**
 * Generates and reads one giant body in a process of its own, and prints the result as JSON: the verdict, the
 * bytes read, how long that took, the longest turn of the event loop in ms, and by how many bytes the process
 * grew at its peak. With `compare` it reads the same bytes again with JSON.parse. Without a name it lists the
 * bodies.
 *
 *   node giant-body.js [NAME gateway|worker [compare]]
 */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setImmediate } = require('node:timers/promises');
const { parseElement } = require('../../dist/export-body/parse-element');
const { createExportReader, readExport } = require('../../dist/export-body/read-export');

const giga = 900 * 1024 * 1024;
const chunk = 64 * 1024;
const head = '{"event":"issue-exported","project":"p","issue":{"id":"i","elements":[';
const tail = ']}}';
/** An array of this value, just below 4 MiB. */
const buildFullList = (value) => buildList(value, Math.floor((4 * 1024 * 1024 - 2) / (value.length + 1)));
const buildList = (value, count) => `[${`${value},`.repeat(count - 1)}${value}]`;
const manyKeys = () => `{${Array.from({ length: 330_000 }, (_, at) => `"${at.toString(36)}":0`).join()}}`;
/** One element, repeated; its bytes exist once. */
function elements(text, count) {
  const bytes = Buffer.from(text);
  return [head, bytes, ...Array.from({ length: count - 1 }, () => [',', bytes]).flat(), tail];
}

/** The parts of each body: bytes, a text, or a text and the number of bytes for which it is repeated. */
const bodies = {
  'an element of 900 MB': () => [head, '"', ['x', giga], '"', tail],
  'ten million tiny elements': () => [head, '0', [',0', 2 * 9_999_999], tail],
  'two million tiny elements': () => [head, '0', [',0', 2 * 1_999_999], tail],
  'a gigabyte of spaces': () => [[' ', 2 ** 30], `${head}1${tail}`],
  'a text of 900 MB as the event': () => ['{"event":"', ['x', giga], '"}'],
  'a key of 900 MB': () => ['{"', ['k', giga], '":1,"event":"issue-update"}'],
  'many keys': () => ['{"event":"issue-update"', manyParts(300_000), '}'],
  'a hundred million brackets': () => [['[', 100_000_000]],
  'elements of a million objects each': () => elements(buildFullList('{}'), 5),
  'elements of as many objects as are parsed': () => elements(buildList('{}', 99_999), 20),
  'elements of 330,000 keys each': () => elements(manyKeys(), 5),
  'elements of one text of 4 MiB each': () => elements(`"${'é'.repeat(2_000_000)}"`, 10),
  'ordinary elements': () => elements(ordinary(), 1000),
};

/** About 64 KiB of the elements that an ordinary export has. */
function ordinary() {
  const [element] = JSON.parse(readFileSync(join(__dirname, '../../examples/issue-exported.json'), 'utf8'))
    .issue.elements;
  const text = JSON.stringify(element);
  return Array.from({ length: Math.ceil(chunk / text.length) }, () => text).join();
}

/** A hundred keys in each part. */
function manyParts(count) {
  return Array.from({ length: count / 100 }, (_, part) => ({
    toString: () => Array.from({ length: 100 }, (_, at) => `,"key ${100 * part + at}":0`).join(''),
  }));
}

/** The body in chunks that share memory, because a reader may not keep a chunk. */
function* toChunks(parts) {
  for (const part of parts.flatMap((part) =>
    Array.isArray(part) && typeof part[0] === 'object' ? part : [part],
  )) {
    if (Array.isArray(part)) yield* repeated(...part);
    else yield* cut(Buffer.isBuffer(part) ? part : Buffer.from(String(part)));
  }
}

function* repeated(text, size) {
  const block = Buffer.from(text.repeat(chunk / text.length));
  for (let left = size; left > 0; left -= block.length) yield block.subarray(0, Math.min(left, block.length));
}

function* cut(bytes) {
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}

async function* slowly(chunks, counts) {
  for (const bytes of chunks) {
    counts.bytes += bytes.length;
    yield bytes;
    await setImmediate(); // as the gateway does after each 64 KiB, and as a file does
  }
}

async function asGateway(chunks) {
  const reader = createExportReader();
  for await (const bytes of chunks) reader.push(bytes);
  return reader.end();
}

async function asWorker(chunks, counts) {
  const batches = readExport(chunks);
  for (;;) {
    const next = await batches.next();
    if (next.done) return next.value;
    for (const { value } of next.value)
      counts[parseElement({ value }).why?.includes('too many values') ? 'tooHeavy' : 'parsed'] += 1;
  }
}

/**
 * How long JSON.parse takes for the body; undefined when the body is too long for a V8 string or is not JSON.
 */
function jsonParseMs(parts) {
  try {
    // Copied, because the chunks share memory.
    const text = Buffer.concat([...toChunks(parts)].map((bytes) => Buffer.from(bytes))).toString();
    const start = performance.now();
    JSON.parse(text);
    return performance.now() - start;
  } catch {
    return undefined;
  }
}

async function main(name, part, compare) {
  const parts = bodies[name]();
  const counts = { bytes: 0, parsed: 0, tooHeavy: 0 };
  const before = process.resourceUsage().maxRSS; // with the body's parts made
  const turns = monitorEventLoopDelay({ resolution: 5 });
  turns.enable();
  const start = performance.now();
  let verdict;
  try {
    verdict = {
      taken: await (part === 'worker' ? asWorker : asGateway)(slowly(toChunks(parts), counts), counts),
    };
  } catch (error) {
    verdict = { status: error.status, code: error.code, message: error.message };
  }
  const tookMs = performance.now() - start;
  turns.disable();
  const grewBytes = (process.resourceUsage().maxRSS - before) * 1024;
  const parseMs = compare && verdict.taken ? jsonParseMs(parts) : undefined;
  console.log(
    JSON.stringify({
      ...verdict,
      ...counts,
      tookMs,
      parseMs,
      grewBytes,
      longestTurnMs: Math.round(turns.max / 1e6),
    }),
  );
}

const [name, part, compare] = process.argv.slice(2);
if (name === undefined) console.log(JSON.stringify(Object.keys(bodies)));
else void main(name, part, compare === 'compare');
