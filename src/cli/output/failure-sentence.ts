import { ConfigError } from '../../config/config';
import { cutToUnits } from '../../text/cut';
import { printable } from '../../text/printable';

/** Maximum UTF-16 units per line. Requeue's sentences are shorter, so a longer line is untrusted text. */
const maxLineUnits = 2000;

/** Returns one sentence about a failed command, or a list with one line per reason. Never a stack. */
export function failureSentence(error: unknown): string {
  const message =
    error instanceof Error ? (systemErrorSentence(error) ?? (error.message || error.name)) : String(error);
  const lines =
    error instanceof ConfigError || /\n {2}- /.test(message)
      ? message.split('\n')
      : [message.replace(/\s*\n\s*/g, ' ')];
  return lines.map((line) => cutToUnits(printable(line), maxLineUnits)).join('\n');
}

/** Replaces the message of a Node system error, because that message begins with the system call. */
function systemErrorSentence(
  error: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string },
): string | undefined {
  const { code, syscall, path, address, port, hostname } = error;
  if (code === undefined || syscall === undefined) return undefined;
  if (syscall === 'listen' && code === 'EACCES')
    return `This user may not listen on port ${port} (EACCES): choose a port above 1023.`;
  if (syscall === 'listen' && code === 'EADDRNOTAVAIL')
    return `${address} is not an address of this machine (EADDRNOTAVAIL): choose another address to listen on.`;
  if (syscall === 'getaddrinfo') return `This machine cannot resolve ${hostname ?? 'the host'} (${code}).`;
  return path === undefined ? undefined : `${path} cannot be used (${code}, ${syscall}).`;
}
