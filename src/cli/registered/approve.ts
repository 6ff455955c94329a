import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import {
  gatewayVariables,
  jsonOption,
  reasonOption,
  parseRevision,
  tokenOption,
  urlOption,
  wholeNumber,
} from './options';

export function registerApprove(program: Command): void {
  program
    .command('approve')
    .description('lets the labels of an export go; without --revision it shows the plan and asks')
    .argument('<issue>', 'its id')
    .option(
      '--revision <digits>',
      'the plan that is meant, as show prints it; nothing is asked',
      parseRevision,
    )
    .option('--up-to <labels>', 'labels 1 to this; the rest is asked for again', wholeNumber)
    .addOption(reasonOption)
    .option('--yes', 'do not ask: approve what is asked now')
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      helpText({ example: 'requeue approve issue-42 --up-to 200', reads: gatewayVariables }),
    )
    .action(async (issue, options) => (await import('../commands/decide')).decide('approve', issue, options));
}
