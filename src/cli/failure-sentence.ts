import { ConfigError } from '../config/config';
import { printable } from './printable';

/** Longer than any sentence of ours: what is longer is somebody else's text. */
const longest = 2000;

/** What a command says when it failed: one sentence; a list, a line each, where an error has several reasons. Never a stack. */
export function failureSentence(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const lines = error instanceof ConfigError || /\n {2}- /.test(message) ? message.split('\n') : [message.replace(/\s*\n\s*/g, ' ')];
  return lines.map((line) => printable(line).slice(0, longest)).join('\n');
}
