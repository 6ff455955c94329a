import { portInUse } from '../text/sentences';

/**
 * Replaces the `listen` error about a port in use with one sentence for the operator. Returns any other error
 * unchanged.
 * @param variable the environment variable that sets the port.
 */
export function explainPortInUse(error: unknown, variable: string): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  return code === 'EADDRINUSE' ? new Error(portInUse(port, variable)) : error;
}
