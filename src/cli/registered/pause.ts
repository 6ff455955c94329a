import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, reasonOption, tokenOption, urlOption } from './options';

export function registerPause(program: Command): void {
  program
    .command('pause')
    .description('sends nothing more of an export until resume; calls in flight end')
    .argument('<issue>', 'its id')
    .addOption(reasonOption)
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText('after', helpText({ example: 'requeue pause issue-42', reads: gatewayVariables }))
    .action(async (issue, options) => (await import('../commands/steer')).steer('pause', issue, options));
}
