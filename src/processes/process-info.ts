import { readFile } from 'node:fs/promises';
import { runProgram } from './run-program';

export interface ProcessInfo {
  /** The parent's pid. Once the parent has exited, it is 1 or the pid of a subreaper. */
  readonly parent: number;
  /** The command line. */
  readonly command: string;
}

/** @returns undefined when no process has this pid. */
export async function processInfo(pid: number): Promise<ProcessInfo | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Reads `/proc`, because slim images have no `ps`. */
async function fromProc(pid: number): Promise<ProcessInfo | undefined> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    const parent = /^PPid:\s*(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}

async function fromPs(pid: number): Promise<ProcessInfo | undefined> {
  const { code, stdout } = await runProgram('ps', ['-ww', '-o', 'ppid=,args=', '-p', String(pid)], 5000);
  const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
  return code === 0 && parent !== undefined ? { parent: Number(parent), command } : undefined;
}
