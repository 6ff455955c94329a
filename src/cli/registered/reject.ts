import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, reasonOption, parseRevision, tokenOption, urlOption } from './options';

export function registerReject(program: Command): void {
  program
    .command('reject')
    .description('ends an export: nothing more of it is sent; without --revision it shows the plan and asks')
    .argument('<issue>', 'its id')
    .option(
      '--revision <digits>',
      'the plan that is meant, as show prints it; nothing is asked',
      parseRevision,
    )
    .addOption(reasonOption)
    .option('--yes', 'do not ask: reject what is asked now')
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      helpText({ example: "requeue reject issue-42 --reason 'wrong class'", reads: gatewayVariables }),
    )
    .action(async (issue, options) => (await import('../commands/decide')).decide('reject', issue, options));
}
