#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { operatorCommands } from './registered/operator-commands';
import { failureSentence } from './output/failure-sentence';
import { helpText } from './output/help-text';
import { usageSentence } from './output/usage-sentence';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. Each command's module is loaded when it runs. */
const program = new Command()
  .name('requeue')
  .description('Sends problem labels back to labeling: Aquarium exports become durable Temporal workflows.')
  .option('-v, --version', 'show the version')
  .addHelpText(
    'after',
    '\nFirst time: npm run dev, and in a second terminal: npx requeue send examples/issue-exported.json',
  )
  .configureOutput({ outputError: () => undefined }) // said by `fail`, in one sentence
  .helpCommand(false)
  .exitOverride()
  .on('option:version', showVersion);

program
  .command('dev')
  .description('runs everything on this machine: Temporal with its Web UI, labeling sandbox, gateway, worker')
  .option('--fresh', 'forget what earlier runs kept')
  .addHelpText(
    'after',
    helpText({
      example: 'requeue dev --fresh',
      reads: [
        ...([
          'HOST',
          'PORT',
          'SANDBOX_PORT',
          'TEMPORAL_PORT',
          'TEMPORAL_UI_PORT',
          'METRICS_PORT',
          'REQUEUE_STORE',
        ] as const),
        ...([
          'AQ_WEBHOOK_SECRET',
          'OPERATOR_TOKENS',
          'LABELING_API_ENDPOINT',
          'LABELING_API_KEY',
          'REQUEUE_CONFIG',
        ] as const),
        ...([
          'APPROVAL_THRESHOLD',
          'CHUNK_LABELS',
          'CHUNKS_IN_FLIGHT',
          'MAX_BODY_BYTES',
          'PUBLIC_URL',
          'TEMPORAL_UI_URL',
        ] as const),
        ...(['TEMPORAL_CLI', 'LOG_LEVEL'] as const),
      ],
    }),
  )
  .action(async (options) => (await import('./commands/dev')).dev({ fresh: options.fresh === true }));

program
  .command('gateway')
  .description('runs the webhook gateway')
  .addHelpText(
    'after',
    helpText({
      example: 'AQ_WEBHOOK_SECRET=… TEMPORAL_ADDRESS=temporal:7233 requeue gateway',
      reads: [
        ...([
          'HOST',
          'PORT',
          'AQ_WEBHOOK_SECRET',
          'OPERATOR_TOKENS',
          'REQUEUE_STORE',
          'MAX_BODY_BYTES',
          'PUBLIC_URL',
          'TEMPORAL_UI_URL',
        ] as const),
        ...([
          'TEMPORAL_ADDRESS',
          'TEMPORAL_NAMESPACE',
          'TEMPORAL_API_KEY',
          'TEMPORAL_TLS*',
          'REQUEUE_CONFIG',
        ] as const),
      ],
    }),
  )
  .action(async () => (await import('./commands/gateway')).gateway());

program
  .command('worker')
  .description('runs the worker')
  .addHelpText(
    'after',
    helpText({
      example: 'LABELING_API_ENDPOINT=https://api.labelbox.com/graphql LABELING_API_KEY=… requeue worker',
      reads: [
        ...([
          'LABELING_API_ENDPOINT',
          'LABELING_API_KEY',
          'REQUEUE_CONFIG',
          'REQUEUE_STORE',
          'APPROVAL_THRESHOLD',
          'CHUNK_LABELS',
        ] as const),
        ...([
          'CHUNKS_IN_FLIGHT',
          'TEMPORAL_ADDRESS',
          'TEMPORAL_NAMESPACE',
          'TEMPORAL_API_KEY',
          'TEMPORAL_TLS*',
        ] as const),
        ...(['METRICS_PORT', 'HOST', 'LOG_LEVEL'] as const),
      ],
    }),
  )
  .action(async () => (await import('../worker')).runWorker(process.env));

program
  .command('sandbox')
  .description('runs the labeling sandbox')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .addHelpText(
    'after',
    helpText({
      example: 'SANDBOX_PORT=8090 requeue sandbox',
      reads: ['SANDBOX_PORT', 'LABELING_API_KEY', 'REQUEUE_STORE'],
    }),
  )
  .action(async ({ host }) => (await import('./commands/sandbox')).sandbox(host));

program
  .command('send')
  .description('posts a file to the webhook, as Aquarium does')
  .argument('<file>', 'an issue-exported body')
  .option('--url <address>', 'the webhook; default http://127.0.0.1:PORT/webhook')
  .option('--secret <secret>', 'webhook secret; default the first of AQ_WEBHOOK_SECRET')
  .option('--issue <id>', 'send it as another issue')
  .option('--repeat <times>', 'send it so often', wholeNumber, 1)
  .addHelpText(
    'after',
    helpText({
      example: 'requeue send examples/issue-exported.json --issue issue-42',
      reads: ['PORT', 'AQ_WEBHOOK_SECRET'],
    }),
  )
  .action(async (file, options) => (await import('./commands/send')).send(file, options));

for (const register of operatorCommands) register(program);

program
  .command('replay')
  .description('asks again for a delivery that is kept; a held entry of it is released')
  .argument('<sha256>', 'the delivery, 64 hex digits')
  .option('--force', 'plan and send all again')
  .option('--url <address>', 'the gateway; default PUBLIC_URL or http://127.0.0.1:PORT')
  .option(
    '--token <token>',
    'operator token; default REQUEUE_TOKEN, the first of OPERATOR_TOKENS, or the one that dev made',
  )
  .option('--json', 'print the answer as JSON')
  .addHelpText(
    'after',
    helpText({
      example: `requeue replay ${'3f0c'.repeat(16)}`,
      reads: ['PUBLIC_URL', 'PORT', 'REQUEUE_TOKEN', 'OPERATOR_TOKENS', 'REQUEUE_STORE'],
    }),
  )
  .action(async (sha256, options) => (await import('./commands/replay')).replay(sha256, options));

program
  .command('doctor')
  .description('says of every part whether it is well, and what to do: exit code 0 when all is well, else 1')
  .option('--json', 'print what was found as JSON')
  .addHelpText(
    'after',
    helpText({
      example: 'requeue doctor',
      reads: [
        ...([
          'REQUEUE_STORE',
          'PORT',
          'PUBLIC_URL',
          'AQ_WEBHOOK_SECRET',
          'OPERATOR_TOKENS',
          'MAX_BODY_BYTES',
        ] as const),
        ...([
          'TEMPORAL_ADDRESS',
          'TEMPORAL_NAMESPACE',
          'TEMPORAL_API_KEY',
          'TEMPORAL_TLS*',
          'TEMPORAL_PORT',
          'SANDBOX_PORT',
        ] as const),
        ...(['LABELING_API_ENDPOINT', 'LABELING_API_KEY', 'REQUEUE_CONFIG', 'NO_COLOR'] as const),
      ],
    }),
  )
  .action(async (options) => process.exit(await (await import('./commands/doctor')).doctor(options)));

program
  .command('help')
  .description('shows what a command does')
  .argument('[command]')
  .addHelpText('after', helpText({ example: 'requeue help send', reads: [] }))
  .action((name) => {
    const command = name === undefined ? program : program.commands.find((known) => known.name() === name);
    if (!command) throw new CommanderError(2, 'commander.unknownCommand', `unknown command '${name}'`);
    command.help();
  });

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new CommanderError(2, 'requeue.repeat', `--repeat ${text}: expected a whole number from 1`);
}

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
  if (error.exitCode === 0) process.exit(0); // help that was asked for
  const isHelp = error.code === 'commander.help'; // shown, because nothing was asked for
  const named = program.commands.find((command) => command.name() === process.argv[2]);
  if (!isHelp) process.stderr.write(`${usageSentence(error, named?.name())}\n`);
  process.exit(2);
}

/** `requeue … | head -1`: who reads has enough, which is no fault. */
function letReadersGo(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

process.stdout.on('error', letReadersGo);
process.stderr.on('error', letReadersGo);
process.on('uncaughtException', fail);
program.parseAsync().catch(fail);
