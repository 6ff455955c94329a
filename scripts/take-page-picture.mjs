#!/usr/bin/env node
// Takes the README's picture of the page: an export that waits for approval.
//
//   npm run build && node scripts/take-page-picture.mjs [file]
//
// Starts `requeue dev` on free ports with its own store, sends an export, takes the picture, and stops
// `dev`. Check the picture before you commit it.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import { freePorts, until } from './picture-parts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = resolve(process.argv[2] ?? join(root, 'docs/pictures/page.png'));
const store = mkdtempSync(join(tmpdir(), 'requeue-picture-'));
const [port, sandbox, temporal, ui, metrics] = await freePorts(5);
const token = 'token-for-the-picture';

const dev = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'dev'], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: {
    ...process.env,
    REQUEUE_STORE: store,
    PORT: port,
    SANDBOX_PORT: sandbox,
    TEMPORAL_PORT: temporal,
    TEMPORAL_UI_PORT: ui,
    METRICS_PORT: metrics,
    OPERATOR_TOKENS: `ann:${token}`,
    APPROVAL_THRESHOLD: '100',
  },
});
const ended = new Promise((done) => dev.once('exit', done));
let browser;
try {
  await until(dev, 'the gateway', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
  await send(exampleBody());
  await until(
    dev,
    'the question',
    async () => (await fetchExport('blurred-plates')).stage === 'awaiting-approval',
  );
  await takePicture();
} finally {
  await browser?.close();
  dev.kill('SIGTERM');
  await ended;
  rmSync(store, { recursive: true, force: true });
}

async function takePicture() {
  mkdirSync(dirname(file), { recursive: true });
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 1080, height: 860 }, colorScheme: 'light' });
  await page.goto(`http://127.0.0.1:${port}/exports/blurred-plates`);
  await page.fill('#token', token);
  await page.click('button.primary');
  await page.fill('#reason', 'Looked at twenty of them.');
  await page.evaluate('document.activeElement.blur()');
  await page.screenshot({ path: file, animations: 'disabled' });
  console.log(file);
}

/** 640 crops of three classes; eight match no label. */
function exampleBody() {
  const elements = Array.from({ length: 640 }, (_, index) => {
    const uuid = `6f1c9b0e-9f0b-4c38-a1de-${String(index).padStart(12, '0')}`;
    const label = {
      uuid: index % 80 === 79 ? 'another' : uuid,
      label: index % 5 === 0 ? 'car' : index % 7 === 0 ? 'sign' : 'plate',
    };
    const sensor_data = [{ data_urls: { image_url: `https://images.example/frames/${index >> 1}.jpg` } }];
    return {
      element_id: uuid,
      element_type: 'crop',
      dataset: index % 3 === 0 ? 'streets-2026-09' : 'streets-2026-10',
      frame_id: `frame-${index >> 1}`,
      frame_data: { label_data: [label], sensor_data },
      crop_data: { uuid },
    };
  });
  return {
    event: 'issue-exported',
    project: 'street-scenes',
    issue: { id: 'blurred-plates', name: 'Blurred plates', elements },
  };
}

async function send(body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${port}/webhook`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (answer.status !== 202) throw new Error(`The gateway answered ${answer.status}: ${await answer.text()}`);
}

async function fetchExport(issueId) {
  const answer = await fetch(`http://127.0.0.1:${port}/api/exports/${issueId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return answer.json();
}
