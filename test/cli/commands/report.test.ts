import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { report } from '../../../src/cli/commands/report';
import { tempFolder } from '../../payloads/temp-folder';
import { hostileNames, unprintable } from '../../support/hostile-names';
import { startFakeApi } from '../fake-api';
import { fakePipes, fakeTerminal } from '../fake-streams';
import { requeue } from '../run-requeue';

const parent = tempFolder();
const csv = 'position,labelId\r\n1,"a\tb"\r\n2,é\u202E\r\n';

function folder(): string {
  return mkdtempSync(join(parent, 'out-'));
}

it('report writes the bytes unchanged to standard output, and nothing more', async () => {
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

it('report --excel asks for CSV with a byte order mark, and writes it unchanged', async () => {
  const withMark = `\uFEFF${csv}`;
  const { options } = await startFakeApi({ 'GET /api/exports/one/report.csv?excel=true': withMark });
  const streams = fakePipes();
  await report('one', { ...options, excel: true }, streams);
  expect(streams.out()).toBe(withMark);
  await expect(report('one', { ...options, excel: true, json: true }, streams)).rejects.toThrow(
    'Pass either --excel or --json, not both.',
  );
});

it('report --out writes a file once, and replaces it only with --force', async () => {
  const { options } = await startFakeApi({
    'GET /api/exports/one/report.json': ['first', 'second', 'third'],
  });
  const out = join(folder(), 'one.json');
  const streams = fakePipes();
  await report('one', { ...options, out }, streams);
  expect(readFileSync(out, 'utf8')).toBe('first');
  expect([streams.out(), streams.err()]).toEqual(['', `Wrote ${out}, 5 bytes.\n`]);
  await expect(report('one', { ...options, out }, streams)).rejects.toThrow(
    `${out} already exists: pass another --out, or --force to replace it.`,
  );
  expect(readFileSync(out, 'utf8')).toBe('first');
  await report('one', { ...options, out, force: true }, streams);
  expect(readFileSync(out, 'utf8')).toBe('second');
  expect(readdirSync(join(out, '..'))).toEqual(['one.json']);
});

it('report --out keeps a file that was created while the report arrived', async () => {
  const out = join(folder(), 'one.csv');
  const server = createServer((_request, response) => {
    writeFileSync(out, 'another program’s');
    response.end(csv);
  });
  await using(server, async (url) => {
    await expect(report('one', { url, token: 't1', csv: true, out }, fakePipes())).rejects.toThrow(
      /already exists/,
    );
  });
  expect(readFileSync(out, 'utf8')).toBe('another program’s');
  expect(readdirSync(join(out, '..'))).toEqual(['one.csv']);
});

it('report --out leaves no file when the gateway stops in the middle', async () => {
  const place = folder();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  });
  await using(server, async (url) => {
    const toFile = report('one', { url, token: 't1', out: join(place, 'one.json') }, fakePipes());
    await expect(toFile).rejects.toThrow(/^The report ended early \(.+\): run the command again\.$/);
    await expect(report('one', { url, token: 't1' }, fakePipes())).rejects.toThrow(/^The report ended early/);
  });
  expect(readdirSync(place)).toEqual([]);
});

it('report ends with a sentence when the file cannot be written, and when there is no report', async () => {
  const { options } = await startFakeApi({ 'GET /api/exports/one/report.json': '{}' });
  const out = join(folder(), 'missing', 'one.json');
  await expect(report('one', { ...options, out }, fakePipes())).rejects.toThrow(
    `${out} cannot be written (ENOENT).`,
  );
  await expect(report('two', options, fakePipes())).rejects.toThrow('404 Not Found: nothing is here.');
  await expect(report('one', { ...options, csv: true, json: true }, fakePipes())).rejects.toThrow(
    'Pass either --csv or --json, not both.',
  );
});

it('report prints plain text on a terminal', async () => {
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
