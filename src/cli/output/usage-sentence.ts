import type { CommanderError } from 'commander';
import { printable } from '../../text/printable';

/** Commander's error about wrong usage as one sentence with what to type. `command`: the one that was meant, if there is one. */
export function usageSentence(
  { code, message }: Pick<CommanderError, 'code' | 'message'>,
  command: string | undefined,
): string {
  const what = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/s, ' (did you mean $1?)')
    .replace(' is invalid. ', ' is invalid, ')
    .replace(/\. Expected/, ', expected')
    .replace(/\.$/, '');
  const help =
    code === 'commander.unknownCommand' || command === undefined
      ? 'requeue help'
      : `requeue ${command} --help`;
  return printable(`${what.charAt(0).toUpperCase()}${what.slice(1)}; type: ${help}`);
}
