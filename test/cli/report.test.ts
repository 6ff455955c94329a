import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { report } from '../../src/cli/commands/report';
import { tempFolder } from '../payloads/temp-folder';
import { hostileNames, unprintable } from '../support/hostile-names';
import { startFakeApi } from './fake-api';
import { fakePipes, fakeTerminal } from './fake-streams';
import { requeue } from './run-requeue';

const parent = tempFolder();
const csv = 'position,labelId\r\n1,"a\tb"\r\n2,é\u202E\r\n';

function folder(): string {
  return mkdtempSync(join(parent, 'out-'));
}

it('writes the bytes as they are to standard output, and nothing else', async () => {
  const { args, got } = await startFakeApi({
    'GET /api/exports/one/report.csv?revision=0123456789ab&attempt=2': csv,
  });
  const { code, stdout, stderr } = await requeue([
    'report',
    'one',
    '--csv',
    '--revision',
    '0123456789ab',
    '--attempt',
    '2',
    ...args,
  ]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: csv, stderr: '' });
  expect(got[0]?.authorization).toBe('Bearer t1');
});

it('writes a file once, and replaces it only with --force', async () => {
  const { options } = await startFakeApi({
    'GET /api/exports/one/report.json': ['first', 'second', 'third'],
  });
  const out = join(folder(), 'one.json');
  const streams = fakePipes();
  await report('one', { ...options, out }, streams);
  expect(readFileSync(out, 'utf8')).toBe('first');
  expect([streams.out(), streams.err()]).toEqual(['', `Wrote ${out}, 5 bytes.\n`]);
  await expect(report('one', { ...options, out }, streams)).rejects.toThrow(
    `${out} is there already: give another --out, or --force to replace it.`,
  );
  expect(readFileSync(out, 'utf8')).toBe('first');
  await report('one', { ...options, out, force: true }, streams);
  expect(readFileSync(out, 'utf8')).toBe('second');
  expect(readdirSync(join(out, '..'))).toEqual(['one.json']);
});

it('keeps a file that came while the report was on its way', async () => {
  const out = join(folder(), 'one.csv');
  const server = createServer((_request, response) => {
    writeFileSync(out, 'somebody else’s');
    response.end(csv);
  });
  await using(server, async (url) => {
    await expect(report('one', { url, token: 't1', csv: true, out }, fakePipes())).rejects.toThrow(
      /is there already/,
    );
  });
  expect(readFileSync(out, 'utf8')).toBe('somebody else’s');
  expect(readdirSync(join(out, '..'))).toEqual(['one.csv']);
});

it('leaves nothing behind when the gateway goes away in the middle', async () => {
  const place = folder();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  });
  await using(server, async (url) => {
    const toFile = report('one', { url, token: 't1', out: join(place, 'one.json') }, fakePipes());
    await expect(toFile).rejects.toThrow(/^The report broke off before its end \(.+\); ask for it again\.$/);
    await expect(report('one', { url, token: 't1' }, fakePipes())).rejects.toThrow(
      /^The report broke off before its end/,
    );
  });
  expect(readdirSync(place)).toEqual([]);
});

it('says in a sentence that a file cannot be written, and that there is no report', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports/one/report.json': '{}' });
  const out = join(folder(), 'missing', 'one.json');
  await expect(report('one', { ...options, out }, fakePipes())).rejects.toThrow(
    `${out} cannot be written (ENOENT).`,
  );
  await expect(report('two', options, fakePipes())).rejects.toThrow('404 Not Found: nothing is here.');
  await expect(report('one', { ...options, csv: true, json: true }, fakePipes())).rejects.toThrow(
    'Give --csv or --json, one of them.',
  );
});

it('shows a report on a terminal as text alone', async () => {
  const text = hostileNames.map((name) => name.text).join('\n');
  const { options } = await startFakeApi({ 'GET /api/exports/one/report.csv': text });
  const streams = fakeTerminal();
  await report('one', { ...options, csv: true }, streams);
  expect(streams.out().replaceAll(/\r?\n|\t/g, '')).not.toMatch(unprintable);
});

async function using(
  server: ReturnType<typeof createServer>,
  work: (url: string) => Promise<void>,
): Promise<void> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}
