import { type VariableName, variables } from '../variables';

/** The end of a command's help: an example to copy, and the variables that the command reads. */
export function helpText({ example, reads }: { example: string; reads: readonly VariableName[] }): string {
  const width = Math.max(...reads.map((name) => name.length));
  const rows = reads.map((name) => `  ${name.padEnd(width)}  ${variables[name]}`);
  return ['', 'Example:', `  ${example}`, ...(rows.length > 0 ? ['', 'Variables:', ...rows] : [])].join('\n');
}
