import { withDeadline } from '../../temporal/grpc';
import { formatDuration } from '../../text/duration';
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { connectClient } from '../../temporal/connection';
import { portInUse } from '../../text/sentences';
import { processInfo } from '../../processes/process-info';

/** How long the Web UI shows closed workflows. */
const retention = '30 days';
const readyTimeoutMs = 20_000;
/** A server that still runs after this is killed, because `dev` must exit within 10 s. */
const stopTimeoutMs = 5000;

export interface DevServerOptions {
  /** Path of the Temporal CLI. */
  readonly cli: string;
  /** Contains the database, the log and the pid file. */
  readonly folder: string;
  readonly port: number;
  readonly uiPort: number;
}

export interface DevServer {
  readonly address: string;
  /** Rejects with one sentence when the server exits before `stop` is called. Never resolves. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Starts a Temporal dev server with its Web UI and a database in `folder`. Resolves when the server is ready.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  await mkdir(options.folder, { recursive: true });
  await stopStaleServer(options);
  await expectFree(options.port, 'TEMPORAL_PORT');
  await expectFree(options.uiPort, 'TEMPORAL_UI_PORT');
  const child = spawnServer(options);
  const log = join(options.folder, 'server.log');
  let stopping = false;
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) =>
      reject(new Error(`The Temporal server can't be started: ${error.message}`)),
    );
    child.once('exit', (code, signal) => {
      if (!stopping)
        reject(
          new Error(`The Temporal server exited (${signal ?? `exit code ${code}`}); its log is ${log}.`),
        );
    });
  });
  failed.catch(() => undefined);
  const stopOnExit = () => child.kill('SIGTERM'); // stops the child if this process exits suddenly: Ctrl-C does not reach the child's process group
  process.once('exit', stopOnExit);
  const stop = async () => {
    stopping = true;
    process.off('exit', stopOnExit);
    await endChild(child);
    await rm(pidFile(options), { force: true });
  };
  const address = `127.0.0.1:${options.port}`;
  try {
    await writeFile(pidFile(options), `${child.pid} ${process.pid}\n`);
    await Promise.race([waitUntilReady(address), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, failed, stop };
}

function spawnServer(options: DevServerOptions): ChildProcess {
  const args = [
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    `--port=${options.port}`,
    `--ui-port=${options.uiPort}`,
    `--db-filename=${database(options)}`,
    '--sqlite-pragma=journal_mode=WAL',
    '--sqlite-pragma=synchronous=NORMAL',
    '--log-level=warn',
  ];
  // In its own process group, so that Ctrl-C only reaches `dev`, which stops its parts one after the other.
  const child = spawn(options.cli, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(join(options.folder, 'server.log'), { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

async function waitUntilReady(address: string): Promise<void> {
  const { connection } = connectClient({ address, env: {} });
  const deadline = Date.now() + readyTimeoutMs;
  try {
    for (;;) {
      try {
        const describe = () => connection.workflowService.describeNamespace({ namespace: 'default' });
        await withDeadline({ connection }, describe, 2000);
        await withDeadline({ connection }, async () => setRetention(connection), 5000);
        return;
      } catch (error) {
        if (Date.now() > deadline)
          throw new Error(
            `The Temporal server at ${address} did not become ready within ${formatDuration(readyTimeoutMs, 'seconds')}.`,
            { cause: error },
          );
        await delay(100);
      }
    }
  } finally {
    await connection.close();
  }
}

async function setRetention(connection: Connection): Promise<void> {
  await connection.workflowService.updateNamespace({
    namespace: 'default',
    config: { workflowExecutionRetentionTtl: msToTs(retention) },
  });
}

/**
 * Stops a server that is still running after its `dev` was killed: such a server occupies the database and
 * the port. The pid file contains the pids of the server and of the `dev` that started it.
 * @throws {Error} when that `dev` is still running, because two of them can't share a store.
 */
export async function stopStaleServer(options: Pick<DevServerOptions, 'folder'>): Promise<void> {
  const [pid = 0, owner = 0] = (await readFile(pidFile(options), 'utf8').catch(() => ''))
    .split(' ')
    .map(Number);
  if (!(pid > 1)) return;
  const server = await processInfo(pid);
  if (!server?.command.includes(database(options))) return; // it exited; another program may now have its pid
  if (server.parent === owner)
    throw new Error(
      `Another requeue dev (process ${owner}) uses ${options.folder}: stop it, or set REQUEUE_STORE to another folder.`,
    );
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; waited < stopTimeoutMs && isAlive(pid); waited += 100) await delay(100);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(late);
}

/** @throws {Error} when another program listens on the port. The message is one sentence. */
async function expectFree(port: number, variable: string): Promise<void> {
  const inUse = await new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (inUse) throw new Error(portInUse(port, variable));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function database({ folder }: Pick<DevServerOptions, 'folder'>): string {
  return join(folder, 'temporal.db');
}

function pidFile({ folder }: Pick<DevServerOptions, 'folder'>): string {
  return join(folder, 'server.pid');
}
