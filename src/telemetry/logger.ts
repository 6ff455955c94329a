import pino from 'pino';

export type Logger = pino.Logger;

/** One JSON line an event on stdout. Secrets are never given to it; `redact` is the second lock. */
export function createLogger(options: { level?: string; name: string }): Logger {
  return pino({
    name: options.name,
    level: options.level ?? 'info',
    redact: ['*.authorization', '*.apiKey', '*.secret', '*.token', 'headers', 'req.headers'],
  });
}
