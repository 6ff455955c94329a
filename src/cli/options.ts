import { InvalidArgumentError } from 'commander';
import { isRevision } from '../domain/revision';
import type { OptionRow } from './command-row';

/** An option without a value: `true` when it is present. */
export function flag(description: string): OptionRow<true | undefined> {
  return { description };
}

/** An option whose value is any text. */
export function text(placeholder: string, description: string): OptionRow<string | undefined> {
  return { placeholder, description };
}

/** An option whose value is a whole number from 1. */
export function wholeNumber(placeholder: string, description: string): OptionRow<number | undefined> {
  return { placeholder, description, parse: parseWholeNumber };
}

/** An option whose value is a revision: 12 or 64 hex digits. */
export function revision(description: string): OptionRow<string | undefined> {
  return { placeholder: '<digits>', description, parse: parseRevision };
}

export function withDefault<Value>(option: OptionRow<Value | undefined>, value: Value): OptionRow<Value> {
  return { ...option, default: value } as OptionRow<Value>; // with a default, the value is never undefined
}

/** Options of every command that calls the gateway. */
export const gatewayOptions = {
  url: text('<address>', 'address of the gateway; default PUBLIC_URL or http://127.0.0.1:PORT'),
  token: text(
    '<token>',
    'operator token; default REQUEUE_TOKEN, the first of OPERATOR_TOKENS, or the one that dev created',
  ),
};

export const jsonOption = { json: flag('print the answer as JSON') };
export const reasonOption = { reason: text('<text>', 'reason, kept in the decision log') };

/** Variables that every command that calls the gateway reads. */
export const gatewayVariables = [
  'PUBLIC_URL',
  'PORT',
  'REQUEUE_TOKEN',
  'OPERATOR_TOKENS',
  'REQUEUE_STORE',
] as const;

function parseWholeNumber(digits: string): number {
  const value = Number(digits);
  if (/^\d+$/.test(digits) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('expected a whole number from 1');
}

function parseRevision(digits: string): string {
  if (isRevision(digits)) return digits;
  throw new InvalidArgumentError('expected the 12 or 64 hex digits that the plan shows');
}
