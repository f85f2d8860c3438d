import { pino, type Logger as PinoLogger } from 'pino';

/** Structured log. Fields first, then a fixed text. Message bodies, tokens and push tokens never go in. */
export type Logger = PinoLogger;

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** JSON lines on standard output. */
export function createLogger(options: { service: string; level: LogLevel; instance?: string }): Logger {
  return pino({
    level: options.level,
    base: { service: options.service, ...(options.instance === undefined ? {} : { instance: options.instance }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['token', 'text', 'data', 'authorization'],
  });
}

/** Says nothing: for unit tests. */
export const quietLogger: Logger = pino({ level: 'silent' });
