import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from './until';

/** One system call of a traced process. */
export interface Call {
  readonly name: string;
  /** Its arguments as strace writes them; descriptors with their paths: `5</store/inbox>`. */
  readonly args: string;
  /** Place in the trace at which it began, and at which it was done. */
  readonly began: number;
  readonly done: number;
  readonly failed: boolean;
}

/** Whether system calls can be traced here at all: strace is a program of Linux. */
export const canTrace = process.platform === 'linux';

/**
 * Finds strace, or installs it; a test that needs it must not pass without it.
 * @throws a sentence that says what to do.
 */
export function requireStrace(): void {
  if (isThere()) return;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const ways = [
    ['apt-get', 'install', '-y', '-q', 'strace'],
    ['apk', 'add', 'strace'],
    ['dnf', 'install', '-y', 'strace'],
  ];
  for (const way of ways) {
    if (way[0] === 'apt-get') run([...asRoot, 'apt-get', 'update', '-q']);
    run([...asRoot, ...way]);
    if (isThere()) return;
  }
  throw new Error(
    'strace is not installed and could not be: this test proves the order of fsync and answer with it. Install it (apt-get install strace), then run the tests again.',
  );
}

function isThere(): boolean {
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
  /** Everything it wrote to stdout. */
  output(): string;
  /** What it has called up to now, in the order in which it was done. */
  calls(): Call[];
  /** Ends it with SIGTERM and waits for it. */
  end(): Promise<void>;
}

/**
 * Runs Node under strace.
 * @param file where the trace is written.
 * @param options of strace, such as `-e trace=fsync`.
 */
export function traceNode(
  args: readonly string[],
  { file, env, options }: { file: string; env: Record<string, string>; options: readonly string[] },
): Traced {
  // -D: node is our child, not strace; -f: file system calls run on other threads; -y: descriptors with their paths
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
      const isOver = () => child.exitCode !== null || child.signalCode !== null; // a signal in the middle of its own end leaves no line
      await until(
        'the end of the trace',
        () => isOver() || readFileSync(file, 'utf8').includes(`${child.pid} +++ `),
      );
    },
  };
}

/** Lines are `<pid> fsync(5</path>) = 0`; one that takes longer is in two: `<unfinished ...>` and `<... fsync resumed>`. */
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
