import { execFile } from 'node:child_process';

/** The result of a program. `code` is null when the program could not start or was killed by a signal. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The type of `runProgram`, so that tests can replace it. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  timeoutMs: number,
) => Promise<ProgramResult>;

/** Runs a program until it exits. Never throws, not even when the program is missing. */
export function runProgram(
  program: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<ProgramResult> {
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
