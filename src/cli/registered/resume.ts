import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, reasonOption, tokenOption, urlOption } from './options';

export function registerResume(program: Command): void {
  program
    .command('resume')
    .description('lets a paused export go on, or every export that waits for a destination')
    .argument('[issue]', 'its id')
    .option(
      '--destination <name>',
      'every export that paused by itself because of it; what a person paused stays paused',
    )
    .addOption(reasonOption)
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      helpText({ example: 'requeue resume --destination labelbox', reads: gatewayVariables }),
    )
    .action(async (issue, options) => (await import('../commands/resume')).resume(issue, options));
}
