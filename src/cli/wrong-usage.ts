import { CommanderError } from 'commander';

/** The command was not given what it needs: exit code 2, as for every other wrong usage. The message is a sentence. */
export class WrongUsage extends CommanderError {
  override readonly name = 'WrongUsage';
  constructor(sentence: string) {
    super(2, 'requeue.usage', sentence);
  }
}
