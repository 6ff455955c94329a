import { readFile } from 'node:fs/promises';
import { runProgram } from './run-program';

export interface ProcessInfo {
  /** Pid of the parent process; after its death 1, or the pid of a reaper. */
  readonly parent: number;
  /** The command line. */
  readonly command: string;
}

/** @returns undefined when no process has this pid. */
export async function processInfo(pid: number): Promise<ProcessInfo | undefined> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** Without `ps`, because slim images have none. */
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
