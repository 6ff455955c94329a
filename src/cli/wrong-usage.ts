import { CommanderError } from 'commander';

/**
 * A command's argument or option is missing or invalid, or two of them conflict. The message is one sentence;
 * the exit code is 2.
 */
export class WrongUsage extends CommanderError {
  override readonly name = 'WrongUsage';
  constructor(sentence: string) {
    super(2, 'requeue.usage', sentence);
  }
}
