import { CommanderError } from 'commander';

/**
 * A command lacks an argument or option, or two of them conflict: exit code 2. The message is one sentence.
 */
export class WrongUsage extends CommanderError {
  override readonly name = 'WrongUsage';
  constructor(sentence: string) {
    super(2, 'requeue.usage', sentence);
  }
}
