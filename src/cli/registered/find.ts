import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, tokenOption, urlOption } from './options';

export function registerFind(program: Command): void {
  program
    .command('find')
    .description('says which ended exports took a label, and who approved')
    .argument('<label>', 'its id in the labeling tool')
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText('after', helpText({ example: 'requeue find 4f0c1c3e-label', reads: gatewayVariables }))
    .action(async (label, options) => (await import('../commands/find')).find(label, options));
}
