import type { VariableName } from './variables';

/** A row of the command table: a command's inputs, and how it runs. Declare rows with `defineCommand`. */
export interface CommandRow {
  readonly name: string;
  /** One line for `requeue --help`: a verb in the third person, no full stop. */
  readonly summary: string;
  /** `<file>`: required. `[issue]`: optional. */
  readonly argument?: { readonly name: ArgumentName; readonly description: string };
  /** By property name: `upTo` is `--up-to` on the command line. */
  readonly options: Readonly<Record<string, OptionRow>>;
  /** The environment variables that the command reads; `--help` explains each. */
  readonly reads: readonly VariableName[];
  /** A command line to copy. */
  readonly example: string;
  run(argument: string | undefined, options: object, help: ShowHelp): Promise<void>;
}

export type ArgumentName = `<${string}>` | `[${string}]`;

/**
 * Prints the help for a command or for `requeue`, and exits the process.
 *
 * @throws {CommanderError} when the command is unknown.
 */
export type ShowHelp = (command: string | undefined) => never;

/** An option. Its key in `CommandRow.options` is its name. */
export interface OptionRow<Value = unknown> {
  /** `<address>`; absent for a flag. */
  readonly placeholder?: string;
  readonly description: string;
  /** @throws {InvalidArgumentError} when the text is not a valid value for the option. */
  readonly parse?: (text: string) => Value;
  readonly choices?: readonly string[];
  readonly default?: Value;
}

type ArgumentValue<Name> = Name extends `<${string}>` ? string : string | undefined;
type OptionValues<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends OptionRow<infer Value> ? Value : never;
};

/** Declares a row whose `run` receives the argument and the options with their types. */
export function defineCommand<
  const Name extends ArgumentName,
  Options extends Readonly<Record<string, OptionRow>>,
>(row: {
  readonly name: string;
  readonly summary: string;
  readonly argument?: { readonly name: Name; readonly description: string };
  readonly options: Options;
  readonly reads: readonly VariableName[];
  readonly example: string;
  run(argument: ArgumentValue<Name>, options: OptionValues<Options>, help: ShowHelp): Promise<void>;
}): CommandRow {
  return row as CommandRow; // commander parses with the same row, so the values have these types
}
