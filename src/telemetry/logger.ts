import pino from 'pino';
import { printableJson } from '../text/printable';

export type Logger = pino.Logger;

/** One JSON line an event, on stdout unless told otherwise. Secrets are never given to it; `redact` is the second lock. */
export function createLogger(options: {
  level?: string;
  name: string;
  destination?: pino.DestinationStream;
}): Logger {
  const settings: pino.LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    redact: ['*.authorization', '*.apiKey', '*.secret', '*.token', 'headers', 'req.headers'],
    // JSON lets C1 controls, U+2028 and marks of direction stand as they are: a terminal obeys them, some readers cut lines there
    hooks: { streamWrite: printableJson },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
