import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, tokenOption, urlOption } from './options';

export function registerShow(program: Command): void {
  program
    .command('show')
    .description('shows an issue’s export: plan, progress, what is asked, decisions, refusals, reports')
    .argument('<issue>', 'its id')
    .option('--watch', 'go on until it ends; exit code 0 when it completed, 1 when it ended in any other way')
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText('after', helpText({ example: 'requeue show issue-42 --watch', reads: gatewayVariables }))
    .action(async (issue, options) => (await import('../commands/show')).show(issue, options));
}
