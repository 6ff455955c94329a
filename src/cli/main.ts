#!/usr/bin/env node
import { Command, CommanderError } from '@commander-js/extra-typings';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. Each command's module is loaded when it runs. */
const program = new Command()
  .name('requeue')
  .description('Sends problem labels back to labeling: Aquarium exports become durable Temporal workflows.')
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
  .exitOverride();

program
  .command('dev')
  .description('runs everything on this machine: Temporal with its Web UI, labeling sandbox, gateway, worker')
  .option('--fresh', 'forget what earlier runs kept')
  .addHelpText('after', '\nExample:\n  requeue dev --fresh')
  .action(async (options) => (await import('./dev')).dev({ fresh: options.fresh === true }));

program
  .command('gateway')
  .description('runs the webhook gateway')
  .addHelpText('after', '\nExample:\n  AQ_WEBHOOK_SECRET=… TEMPORAL_ADDRESS=temporal:7233 requeue gateway')
  .action(async () => (await import('./gateway')).gateway());

program
  .command('worker')
  .description('runs the worker')
  .addHelpText('after', '\nExample:\n  LABELING_API_ENDPOINT=https://api.labelbox.com/graphql LABELING_API_KEY=… requeue worker')
  .action(async () => (await import('../worker')).runWorker(process.env));

program
  .command('sandbox')
  .description('runs the labeling sandbox')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .addHelpText('after', '\nExample:\n  SANDBOX_PORT=8090 requeue sandbox')
  .action(async ({ host }) => (await import('./sandbox')).sandbox(host));

program
  .command('send')
  .description('posts a file to the webhook, as Aquarium does')
  .argument('<file>', 'an issue-exported body')
  .option('--url <address>', 'the webhook; default http://127.0.0.1:PORT/webhook')
  .option('--secret <secret>', 'webhook secret; default the first of AQ_WEBHOOK_SECRET')
  .option('--issue <id>', 'send it as another issue')
  .option('--repeat <times>', 'send it so often', wholeNumber, 1)
  .addHelpText('after', '\nExample:\n  requeue send examples/issue-exported.json --issue issue-42')
  .action(async (file, options) => (await import('./send')).send(file, options));

program
  .command('replay')
  .description('asks again for a delivery that is kept; a held entry of it is released')
  .argument('<sha256>', 'the delivery, 64 hex digits')
  .option('--force', 'plan and send all again')
  .option('--url <address>', 'the gateway; default PUBLIC_URL or http://127.0.0.1:PORT')
  .option('--token <token>', 'operator token; default REQUEUE_TOKEN, the first of OPERATOR_TOKENS, or the one that dev made')
  .option('--json', 'print the answer as JSON')
  .addHelpText('after', '\nExample:\n  requeue replay 3f0c…e1')
  .action(async (sha256, options) => (await import('./replay')).replay(sha256, options));

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new CommanderError(2, 'requeue.repeat', `--repeat ${text}: expected a whole number from 1.`);
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    if (error.code === 'requeue.repeat') process.stderr.write(`${error.message}\n`);
    process.exit(error.exitCode === 0 ? 0 : 2);
  }
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
