import { type Command, Option } from '@commander-js/extra-typings';
import { allStages } from '../../domain/stage';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, tokenOption, urlOption, wholeNumber } from './options';

export function registerList(program: Command): void {
  program
    .command('list')
    .description('lists exports, newest first: a table on a terminal, else lines of cells between tabs')
    .addOption(new Option('--stage <stage>', 'only those in a stage').choices(allStages))
    .option('--project <name>', 'only those of an Aquarium project')
    .option('--issue <prefix>', 'only issues whose id begins so')
    .option('--limit <rows>', 'rows at most, up to 100', wholeNumber)
    .option('--page <mark>', 'the next page, as the page before names it')
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      helpText({ example: 'requeue list --stage awaiting-approval', reads: gatewayVariables }),
    )
    .action(async (options) => (await import('../commands/list')).list(options));
}
