import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { request } from 'undici';
import { startDevServer } from '../../src/dev/temporal/start-dev-server';
import { until } from '../support/until';
import type { Launch } from './part';

export interface Deployment {
  /** Contains the store, Temporal's database and the log of each part. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

interface Program {
  readonly name: string;
  /** Relative to `dist/`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Answers 200 when the part is ready. */
  readonly readyUrl: string;
}

/** @returns how to start a part of Requeue from `dist/`. */
export function launchProgram({ folder, env }: Deployment, program: Program): Launch {
  return async (onPid) => {
    const log = openSync(join(folder, `${program.name}.log`), 'a');
    const child = spawn(process.execPath, [resolve(__dirname, '../../dist', program.file), ...program.args], {
      stdio: ['ignore', log, log],
      env: { ...env, ...program.env },
    });
    const pid = child.pid ?? 0;
    onPid(pid);
    const ended = killWithThisProcess(child);
    await Promise.race([
      until(`${program.name} to be ready`, () => answers(program.readyUrl), 30_000, 100),
      ended.then(() => Promise.reject(new Error(`${program.name} ended before it was ready.`))),
    ]).catch(async (error: unknown) => {
      child.kill('SIGKILL');
      await ended;
      throw error;
    });
    return { pid, ended };
  };
}

/** @returns how to start Temporal's development server, which keeps its database. */
export function launchTemporal(options: Parameters<typeof startDevServer>[0]): Launch {
  return async (onPid) => {
    const server = await startDevServer(options);
    const pid = Number.parseInt(await readFile(join(options.folder, 'server.pid'), 'utf8'), 10);
    onPid(pid);
    return { pid, ended: server.failed.catch(() => server.stop()) };
  };
}

function killWithThisProcess(child: ChildProcess): Promise<void> {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((done) =>
    child.once('exit', () => {
      process.off('exit', kill);
      done();
    }),
  );
}

async function answers(url: string): Promise<boolean> {
  const { statusCode, body } = await request(url, { headersTimeout: 2000, bodyTimeout: 2000 });
  await body.dump();
  return statusCode === 200;
}
