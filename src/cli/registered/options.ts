import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { isRevision } from '../../domain/decision';

/** Options that several commands have. */
export const urlOption = new Option(
  '--url <address>',
  'the gateway; default PUBLIC_URL or http://127.0.0.1:PORT',
);
export const tokenOption = new Option(
  '--token <token>',
  'operator token; default REQUEUE_TOKEN, the first of OPERATOR_TOKENS, or the one that dev made',
);
export const jsonOption = new Option('--json', 'print the answer as JSON');
export const reasonOption = new Option('--reason <text>', 'why, for the decision log');

/** What every command that asks the gateway reads. */
export const gatewayVariables = [
  'PUBLIC_URL',
  'PORT',
  'REQUEUE_TOKEN',
  'OPERATOR_TOKENS',
  'REQUEUE_STORE',
] as const;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('expected a whole number from 1');
}

/** 12 or 64 hex digits, as people copy them. */
export function parseRevision(text: string): string {
  if (isRevision(text)) return text;
  throw new InvalidArgumentError('expected the 12 or 64 hex digits that the plan shows');
}
