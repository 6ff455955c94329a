/** A port in use as one clear sentence. */
export function explainPortInUse(error: unknown, variable: string): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  return code === 'EADDRINUSE'
    ? new Error(`Port ${port} is in use: stop what listens there, or set ${variable} to another port.`)
    : error;
}
