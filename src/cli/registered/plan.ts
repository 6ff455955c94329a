import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { jsonOption } from './options';

const reads = [
  'REQUEUE_CONFIG',
  'REQUEUE_STORE',
  'CHUNK_LABELS',
  'APPROVAL_THRESHOLD',
  'MAX_BODY_BYTES',
] as const;

export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description('says what an export of a file would do; asks no server and writes nothing')
    .argument('<file>', 'an issue-exported body')
    .option(
      '--store <folder>',
      'count what earlier exports in this store did; default REQUEUE_STORE, or .requeue when it is there',
    )
    .addOption(jsonOption)
    .addHelpText('after', helpText({ example: 'requeue plan examples/issue-exported.json', reads }))
    .action(async (file, options) => (await import('../commands/plan')).plan(file, options));
}
