import pino from 'pino';
import { printableJson } from '../text/printable';

export type Logger = pino.Logger;

/**
 * Writes one JSON line per event, by default on stdout. No code logs a secret; `redact` is the second
 * protection.
 */
export function createLogger(options: {
  level?: string;
  name: string;
  destination?: pino.DestinationStream;
}): Logger {
  const settings: pino.LoggerOptions = {
    name: options.name,
    level: options.level ?? 'info',
    redact: ['*.authorization', '*.apiKey', '*.secret', '*.token', 'headers', 'req.headers'],
    // JSON leaves C1 controls, U+2028 and direction marks unescaped. Terminals obey them, and some readers
    // end a line there.
    hooks: { streamWrite: printableJson },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
