import { type VariableName, variables } from '../variables';

/** What stands below the options in a command's help: an example to copy, and the variables that it reads. */
export function helpText({ example, reads }: { example: string; reads: readonly VariableName[] }): string {
  const width = Math.max(...reads.map((name) => name.length));
  const rows = reads.map((name) => `  ${name.padEnd(width)}  ${variables[name]}`);
  return ['', 'Example:', `  ${example}`, ...(rows.length > 0 ? ['', 'Variables:', ...rows] : [])].join('\n');
}
