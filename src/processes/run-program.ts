import { execFile } from 'node:child_process';

/** How a program ended. `code` is null when it could not be started or a signal ended it. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The type of `runProgram`, which tests replace. */
export type RunProgram = (program: string, args: readonly string[], timeoutMs: number) => Promise<Ran>;

/** Runs a program to its end. Never throws, also when the program is missing. */
export function runProgram(program: string, args: readonly string[], timeoutMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { timeout: timeoutMs, encoding: 'utf8' },
      (error, stdout, stderr) => {
        resolve({ code: child.exitCode, stdout, stderr: stderr || (error?.message ?? '') });
      },
    );
  });
}
