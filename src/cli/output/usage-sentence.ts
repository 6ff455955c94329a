import type { CommanderError } from 'commander';
import { printable } from '../../text/printable';

/**
 * Turns Commander's usage error into one sentence, which ends with the help command to type.
 *
 * @param command the command on the command line; undefined when it is unknown.
 */
export function usageSentence(
  { code, message }: Pick<CommanderError, 'code' | 'message'>,
  command: string | undefined,
): string {
  const problem = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/s, ' (did you mean $1?)')
    .replace(' is invalid. ', ' is invalid, ')
    .replace(/(, |\. )(Allowed|Expected) /, (_, _separator, word: string) => `, ${word.toLowerCase()} `)
    .replace(/\.$/, '');
  const help =
    code === 'commander.unknownCommand' || command === undefined
      ? 'requeue help'
      : `requeue ${command} --help`;
  return printable(`${problem.charAt(0).toUpperCase()}${problem.slice(1)}; type: ${help}`);
}
