import type { Command } from '@commander-js/extra-typings';
import { helpText } from '../output/help-text';
import { gatewayVariables, jsonOption, reasonOption, tokenOption, urlOption } from './options';

export function registerCancel(program: Command): void {
  program
    .command('cancel')
    .description('ends an export after its calls in flight and writes its report; asks before')
    .argument('<issue>', 'its id')
    .addOption(reasonOption)
    .option('--yes', 'do not ask')
    .addOption(jsonOption)
    .addOption(urlOption)
    .addOption(tokenOption)
    .addHelpText(
      'after',
      helpText({
        example: "requeue cancel issue-42 --reason 'exported by mistake'",
        reads: gatewayVariables,
      }),
    )
    .action(async (issue, options) => (await import('../commands/steer')).steer('cancel', issue, options));
}
