/**
 * Replaces a `listen` error for a port in use by one sentence for the operator; returns any other error unchanged.
 * @param variable the environment variable that sets the port.
 */
export function explainPortInUse(error: unknown, variable: string): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  return code === 'EADDRINUSE' ? portInUse(port, variable) : error;
}

/** @param variable the environment variable that sets the port. */
export function portInUse(port: number | undefined, variable: string): Error {
  return new Error(
    `Port ${port} is in use: stop the program that listens on it, or set ${variable} to another port.`,
  );
}
