/**
 * Measures a gateway, in a process of its own, with a large store: how long `GET /api/labels/<id>` takes with
 * 10,000 ended exports of 100 labels each, and how much later `/readyz` answers with 10,000 waiting inbox entries
 * than with none. Prints the median of several runs with the least and the most, in ms. No Temporal runs, so the
 * entries stay in the inbox.
 *
 *   npm run bench -- lists
 */
const { spawn } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { cpus, tmpdir } = require('node:os');
const { join, resolve } = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const exportCount = 10_000;
const labelsEach = 100;
const entryCount = 10_000;
const runs = { find: 50, start: 5 };
const command = resolve(__dirname, '../dist/cli/main.js');
const token = 'token-of-bench';
const endedAt = '2026-01-01T00:00:00.000Z';

async function benchLists() {
  const folder = mkdtempSync(join(tmpdir(), 'requeue-bench-'));
  try {
    const withExports = join(folder, 'exports-store');
    const withEntries = join(folder, 'inbox-store');
    const empty = join(folder, 'empty-store');
    for (let at = 0; at < exportCount; at += 1) writeReport(withExports, at);
    for (let at = 0; at < entryCount; at += 1) writeEntry(withEntries, at);
    mkdirSync(empty);
    const cpu = `${cpus().length} x ${cpus()[0].model.trim()}, Node ${process.version}`;
    console.log(`${exportCount} exports of ${labelsEach} labels, ${entryCount} inbox entries; ${cpu}`);
    console.table([
      ...(await findRows(withExports)),
      await startRow('start to /readyz, empty inbox', empty),
      await startRow('start to /readyz, full inbox', withEntries),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function findRows(store) {
  const rebuild = [];
  const first = [];
  const later = [];
  for (let run = 0; run < 3; run += 1) {
    rmSync(join(store, 'index'), { recursive: true, force: true });
    await withGateway(store, async ({ find }) => rebuild.push(await find(run)));
    await withGateway(store, async ({ find }) => {
      first.push(await find(run + 10));
      for (let at = 0; at < runs.find; at += 1) later.push(await find((at * 199 + run) % exportCount));
    });
  }
  return [
    row('find, the index is missing', rebuild),
    row('find, the first after a start', first),
    row('find', later),
  ];
}

async function startRow(what, store) {
  const times = [];
  for (let run = 0; run < runs.start; run += 1)
    await withGateway(store, async ({ readyMs }) => times.push(readyMs));
  return row(what, times);
}

/** Runs `work` while a gateway runs. `readyMs` is from the start of its process to its first 200. */
async function withGateway(store, work) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const gateway = spawn(process.execPath, [command, 'gateway'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      REQUEUE_STORE: store,
      AQ_WEBHOOK_SECRET: 'secret',
      OPERATOR_TOKENS: `bench:${token}`,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    },
  });
  try {
    while (!(await isReady(url))) await delay(10);
    const readyMs = performance.now() - startedAt;
    await work({ readyMs, find: (at) => timeFind(url, at) });
  } finally {
    gateway.kill('SIGKILL');
    await new Promise((done) => gateway.once('close', done));
  }
}

async function isReady(url) {
  const response = await fetch(`${url}/readyz`).catch(() => undefined);
  return response?.status === 200;
}

async function timeFind(url, at) {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/labels/label-${at}-7`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { exports: found } = await response.json();
  const tookMs = performance.now() - startedAt;
  if (found?.length !== 1 || found[0].issueId !== `issue-${at}`)
    throw new Error(`Expected one export of label-${at}-7, got ${JSON.stringify(found)}.`);
  return tookMs;
}

function row(what, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const round = (ms) => Math.round(ms * 10) / 10;
  return {
    what,
    runs: sorted.length,
    'median, ms': round(sorted[Math.floor(sorted.length / 2)]),
    'least, ms': round(sorted[0]),
    'most, ms': round(sorted.at(-1)),
  };
}

function writeReport(store, at) {
  const folder = join(store, 'exports', `issue-${at}`, 'aaaaaaaaaaaa', '1');
  mkdirSync(folder, { recursive: true });
  const head = { version: 1, ...request(at), attempt: 1, endedAt, outcome: 'completed', counts: {} };
  const lines = Object.entries(head).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`,
  );
  const labels = Array.from({ length: labelsEach }, (_, position) =>
    JSON.stringify({
      position: position + 1,
      labelId: `label-${at}-${position}`,
      elementId: `element-${at}-${position}`,
      element: position,
      elementCount: 1,
      elements: [{ element: position, elementId: `element-${at}-${position}` }],
      outcome: 'relabeled',
      repeated: false,
    }),
  );
  const report = `{"requests":["r-${at}"],\n${lines.join('\n')}\n"labels":[\n${labels.join(',\n')}\n],\n"leftOut":[\n]}\n`;
  writeFileSync(join(folder, 'report.json'), report);
}

function writeEntry(store, at) {
  const entry = { ...request(at), force: false };
  mkdirSync(join(store, 'inbox'), { recursive: true });
  const state = '"handOver":{}}'.padEnd(1024);
  writeFileSync(
    join(store, 'inbox', `${entry.requestId}.json`),
    `{"request":${JSON.stringify(entry)},\n${state}\n`,
  );
}

function request(at) {
  return {
    requestId: `20260101T000000000Z-${String(at).padStart(6, '0')}${randomBytes(3).toString('hex')}`,
    issueId: `issue-${at}`,
    issueName: `Issue ${at}`,
    project: 'bench',
    revision: 'aaaaaaaaaaaa',
    sha256: 'a'.repeat(64),
    receivedAt: endedAt,
  };
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

module.exports = { benchLists };
