import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, parseRevision, tokenOption, urlOption, wholeNumber } from './options';

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('writes the report of an export that has ended: every label with its outcome')
    .argument('<issue>', 'its id')
    .option('--csv', 'as CSV')
    .option('--json', 'as JSON (the default)')
    .option('--out <file>', 'into a file; default standard output')
    .option('--force', 'replace the file when it is there')
    .option('--revision <digits>', 'of this revision; default the newest report', parseRevision)
    .option('--attempt <number>', 'of this attempt', wholeNumber)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      helpText({ example: 'requeue report issue-42 --csv --out issue-42.csv', reads: gatewayVariables }),
    )
    .action(async (issue, options) => (await import('../commands/report')).report(issue, options));
}
