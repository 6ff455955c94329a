#!/usr/bin/env node
// Takes the pictures in docs/pictures. They show Temporal's Web UI with exports of the example.
//
//   npm run build && node scripts/take-pictures.mjs [folder]
//
// Starts `requeue dev` on free ports with its own store, sends the example, takes the pictures, and
// stops `dev`. Check the pictures before you commit them.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { Client, Connection } from '@temporalio/client';
import { chromium as playwright } from 'playwright-core';
import { freePorts, until } from './picture-parts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'docs/pictures'));
const store = mkdtempSync(join(tmpdir(), 'requeue-pictures-'));
const [port, sandbox, temporal, ui, metrics] = await freePorts(5);
const example = readFileSync(join(root, 'examples/issue-exported.json'), 'utf8');
const approved = 'blurred-plates';
const waiting = ['night-crossings', 'faded-lane-markings', 'parked-trucks'];
const width = 1200;

const dev = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'dev'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    ...process.env,
    REQUEUE_STORE: store,
    PORT: port,
    SANDBOX_PORT: sandbox,
    TEMPORAL_PORT: temporal,
    TEMPORAL_UI_PORT: ui,
    METRICS_PORT: metrics,
    // The example has five labels, so it needs approval and has several chunks.
    APPROVAL_THRESHOLD: '4',
    CHUNK_LABELS: '1',
  },
});
const ended = new Promise((done) => dev.once('exit', done));
let browser;
try {
  await until(dev, 'dev to be ready', readyLine(dev));
  const connection = await Connection.connect({ address: `127.0.0.1:${temporal}` });
  const { workflow } = new Client({ connection });
  for (const issue of [approved, ...waiting]) await send(issue);
  await waitForStage(workflow, approved, 'awaiting-approval');
  const { revision } = await workflow.getHandle(`export-issue-${approved}`).query('progress');
  await workflow.getHandle(`export-issue-${approved}`).signal('approve', { revision, by: 'ann' });
  for (const issue of waiting) await waitForStage(workflow, issue, 'awaiting-approval');
  await workflow.getHandle(`export-issue-${approved}`).result();
  await takePictures(workflow);
  await connection.close();
} finally {
  await browser?.close();
  dev.kill('SIGTERM');
  await ended;
  rmSync(store, { recursive: true, force: true });
}

async function takePictures(workflow) {
  mkdirSync(folder, { recursive: true });
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args,
    headless: true,
  });
  const context = await browser.newContext({ viewport: { width, height: 1200 }, colorScheme: 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const base = `http://127.0.0.1:${ui}/namespaces/default/workflows`;
  const findRunUrl = async (issue) =>
    `${base}/export-issue-${issue}/${(await workflow.getHandle(`export-issue-${issue}`).describe()).runId}`;

  await page.goto(`${await findRunUrl(approved)}/timeline`);
  await page.getByText('writeReport').first().waitFor();
  await shoot(page, 'export-timeline', {
    from: page.getByText(`export-issue-${approved}`).first(),
    height: 970,
  });

  await page.goto(`${await findRunUrl(waiting[0])}/user-metadata`);
  const details = page.frameLocator('iframe[src*="Stage"]');
  await details.getByText('back to labeling?').waitFor();
  await shoot(page, 'approval-question', {
    from: page.getByText(`export-issue-${waiting[0]}`).first(),
    height: 980,
  });

  await page.goto(
    `${base}?query=${encodeURIComponent('ExportStage="awaiting-approval" AND ExecutionStatus="Running"')}`,
  );
  for (const issue of waiting) await page.getByText(`export-issue-${issue}`).first().waitFor();
  await shoot(page, 'waiting-for-approval', { from: page.getByRole('heading').first(), height: 400 });
}

/** Takes a picture of the page from an element downwards, without the navigation on the left. */
async function shoot(page, name, { from, height }) {
  const collapse = page.getByTestId('navigation-header').or(page.locator('nav')).first();
  // Frames grow and placeholders fill in; there is no event to wait for.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const left = ((await collapse.boundingBox())?.width ?? 0) + 8;
  const top = ((await from.boundingBox())?.y ?? 0) - 16;
  const clip = { x: left, y: top, width: width - left, height: Math.min(height, 1200 - top) };
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', clip });
  console.log(`${name}.png`);
}

async function send(issue) {
  const body = JSON.parse(example);
  const response = await fetch(`http://127.0.0.1:${port}/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // A plain name, because the browser has few fonts.
    body: JSON.stringify({ ...body, issue: { ...body.issue, id: issue, name: issue.replaceAll('-', ' ') } }),
  });
  if (response.status !== 202)
    throw new Error(`The gateway answered ${response.status}: ${await response.text()}`);
}

async function waitForStage(workflow, issue, stage) {
  await until(
    dev,
    `${issue} to be ${stage}`,
    async () => (await workflow.getHandle(`export-issue-${issue}`).query('progress')).stage === stage,
  );
}

function readyLine(child) {
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  return () => text.includes('Requeue is ready.');
}
