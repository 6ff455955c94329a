import { Command, CommanderError, Option } from 'commander';
import type { CommandRow, OptionRow, ShowHelp } from './command-row';
import { helpText } from './output/help-text';

/** Builds Commander's program from a command table. It throws its errors, and only the caller prints them. */
export function buildProgram(table: readonly CommandRow[]): Command {
  const program = new Command()
    .name('requeue')
    .description('Sends problem labels back to labeling: Aquarium exports become durable Temporal workflows.')
    .option('-v, --version', 'show the version')
    .addHelpText(
      'after',
      '\nFirst time: npm run dev, and in a second terminal: npx requeue send examples/issue-exported.json',
    )
    .configureOutput({ outputError: () => undefined })
    .helpCommand(false) // the table has its own help command, with an example
    .exitOverride();
  const showHelp = createShowHelp(program);
  for (const row of table) addCommand(program, row, showHelp);
  return program;
}

function addCommand(program: Command, row: CommandRow, showHelp: ShowHelp): void {
  const command = program.command(row.name).description(row.summary).addHelpText('after', helpText(row));
  if (row.argument) command.argument(row.argument.name, row.argument.description);
  for (const [name, option] of Object.entries(row.options))
    command.addOption(toCommanderOption(name, option));
  command.action(() => row.run(command.args[0], command.opts(), showHelp));
}

function toCommanderOption(name: string, { placeholder, description, ...row }: OptionRow): Option {
  const flags = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const option = new Option(placeholder === undefined ? flags : `${flags} ${placeholder}`, description);
  if (row.parse) option.argParser(row.parse);
  if (row.choices) option.choices(row.choices);
  if (row.default !== undefined) option.default(row.default);
  return option;
}

function createShowHelp(program: Command): ShowHelp {
  return (name) => {
    const command = name === undefined ? program : program.commands.find((known) => known.name() === name);
    if (!command) throw new CommanderError(2, 'commander.unknownCommand', `unknown command '${name}'`);
    return command.help();
  };
}
