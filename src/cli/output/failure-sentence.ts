import { ConfigError } from '../../config/config';
import { printable } from '../../text/printable';

/** Longer than any sentence of ours: what is longer is somebody else's text. */
const longest = 2000;

/** What a command says when it failed: one sentence; a list, a line each, where an error has several reasons. Never a stack. */
export function failureSentence(error: unknown): string {
  const message =
    error instanceof Error ? (systemSentence(error) ?? (error.message || error.name)) : String(error);
  const lines =
    error instanceof ConfigError || /\n {2}- /.test(message)
      ? message.split('\n')
      : [message.replace(/\s*\n\s*/g, ' ')];
  return lines.map((line) => printable(line).slice(0, longest)).join('\n');
}

/** Node's errors of the system name the call before the thing. */
function systemSentence(
  error: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string },
): string | undefined {
  const { code, syscall, path, address, port, hostname } = error;
  if (code === undefined || syscall === undefined) return undefined;
  if (syscall === 'listen' && code === 'EACCES')
    return `Port ${port} may not be used by this user (EACCES): choose one above 1023.`;
  if (syscall === 'listen' && code === 'EADDRNOTAVAIL')
    return `${address} is no address of this machine (EADDRNOTAVAIL): choose another to listen on.`;
  if (syscall === 'getaddrinfo')
    return `${hostname ?? 'The host'} is no address that this machine can find (${code}).`;
  return path === undefined ? undefined : `${path} cannot be used (${code}, ${syscall}).`;
}
