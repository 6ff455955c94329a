import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from './until';

/** One system call of a traced process. */
export interface Call {
  readonly name: string;
  /** In strace's format, with the paths of descriptors: `5</store/inbox>`. */
  readonly args: string;
  /** Lines of the trace where the call began and where it was done. */
  readonly began: number;
  readonly done: number;
  readonly failed: boolean;
}

/** strace exists on Linux only. */
export const canTrace = process.platform === 'linux';

/**
 * Finds or installs strace. A test that needs strace must fail without it.
 * @throws {Error} that says what to install.
 */
export function requireStrace(): void {
  if (hasStrace()) return;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const installCommands = [
    ['apt-get', 'install', '-y', '-q', 'strace'],
    ['apk', 'add', 'strace'],
    ['dnf', 'install', '-y', 'strace'],
  ];
  for (const command of installCommands) {
    if (command[0] === 'apt-get') run([...asRoot, 'apt-get', 'update', '-q']);
    run([...asRoot, ...command]);
    if (hasStrace()) return;
  }
  throw new Error(
    'strace is not installed and could not be installed: this test uses it to prove that fsync comes before the answer. Install it (apt-get install strace), then run the tests again.',
  );
}

function hasStrace(): boolean {
  return run(['strace', '-V']);
}

function run([command = '', ...args]: readonly string[]): boolean {
  return (
    spawnSync(command, args, {
      stdio: 'ignore',
      timeout: 120_000,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  );
}

export interface Traced {
  readonly child: ChildProcess;
  /** Its stdout; with stderr when it failed. */
  output(): string;
  /** Its calls so far, in the order in which they were done. */
  calls(): Call[];
  /** Stops it with SIGTERM and waits for its end. */
  end(): Promise<void>;
}

/**
 * Runs Node under strace. `file` gets the trace, and `options` are strace's, such as `-e trace=fsync`.
 */
export function traceNode(
  args: readonly string[],
  { file, env, options }: { file: string; env: Record<string, string>; options: readonly string[] },
): Traced {
  // -D: node is our child, not strace; -f: file system calls run on other threads; -y: descriptors with their
  // paths
  const child = spawn(
    'strace',
    ['-D', '-f', '-y', '-s', '256', '-o', file, ...options, process.execPath, ...args],
    {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    output: () => (child.exitCode ? `${output}${errors}` : output),
    calls: () => parse(readFileSync(file, 'utf8')),
    async end() {
      child.kill('SIGTERM');
      await ended;
      // A signal during the exit leaves no line in the trace.
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
      await until(
        'the end of the trace',
        () => hasEnded() || readFileSync(file, 'utf8').includes(`${child.pid} +++ `),
      );
    },
  };
}

/**
 * A line is `<pid> fsync(5</path>) = 0`. A longer call has two lines: `<unfinished ...>` and `<... fsync
 * resumed>`.
 */
function parse(trace: string): Call[] {
  const unfinished = new Map<string, { name: string; args: string; began: number }>();
  return trace.split('\n').flatMap((line, place) => {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const [, resumed, more = ''] = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest) ?? [];
    if (resumed !== undefined) {
      const begun = unfinished.get(pid);
      unfinished.delete(pid);
      return begun ? [{ ...begun, args: begun.args + more, done: place, failed: / = -1 /.test(more) }] : [];
    }
    const [, name, args = ''] = /^(\w+)\((.*)$/.exec(rest) ?? [];
    if (name === undefined) return [];
    if (args.endsWith('<unfinished ...>')) {
      unfinished.set(pid, { name, args: args.replace(/ *<unfinished \.\.\.>$/, ''), began: place });
      return [];
    }
    return [{ name, args, began: place, done: place, failed: / = -1 /.test(args) }];
  });
}
