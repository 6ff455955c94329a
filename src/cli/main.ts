#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { buildProgram } from './build-program';
import { commandTable } from './command-table';
import { failureSentence } from './output/failure-sentence';
import { usageSentence } from './output/usage-sentence';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
const program = buildProgram(commandTable).on('option:version', showVersion);

function showVersion(): void {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
    version: string;
  };
  process.stdout.write(`${version}\n`);
  process.exit(0);
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) return failUsage(error);
  process.stderr.write(`${failureSentence(error)}\n`);
  const { LOG_LEVEL: level } = process.env;
  if ((level === 'debug' || level === 'trace') && error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(1);
}

function failUsage(error: CommanderError): void {
  if (error.exitCode === 0) process.exit(0); // --help
  const isHelp = error.code === 'commander.help'; // commander prints its help when there is no command
  const command = commandTable.find(({ name }) => name === process.argv[2]);
  if (!isHelp) process.stderr.write(`${usageSentence(error, command?.name)}\n`);
  process.exit(2);
}

/** A reader may close the pipe early, as in `requeue … | head -1`. That is not a failure. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedPipe);
process.on('uncaughtException', fail);
program.parseAsync().catch(fail);
