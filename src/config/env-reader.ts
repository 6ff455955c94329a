import { cutWithEllipsis } from '../text/cut';
import { formatNumber } from '../text/format-number';

/**
 * Reads environment variables and collects errors. An empty or invalid variable is treated as not set.
 */
export interface EnvReader {
  readonly errors: readonly string[];
  /** Adds a sentence to `errors`, unless `errors` already contains it. */
  addError(sentence: string): void;
  text(name: string): string | undefined;
  /** Splits at commas, trims the values and drops empty ones. */
  list(name: string): string[];
  port(name: string, fallback: number): number;
  /** `min` and `max` are inclusive. */
  integer(
    name: string,
    range: { readonly min: number; readonly max: number; readonly fallback: number },
  ): number;
  /** An http or https address without a user name or password. */
  url(name: string): string | undefined;
}

export function createEnvReader(env: NodeJS.ProcessEnv): EnvReader {
  const errors: string[] = [];
  const addError = (sentence: string): void => {
    if (!errors.includes(sentence)) errors.push(sentence);
  };
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const integer: EnvReader['integer'] = (name, { min, max, fallback }) => {
    const value = text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= min && number <= max) return number;
    addError(
      `${name} must be a whole number from ${formatNumber(min)} to ${formatNumber(max)}; got ${quote(value)}.`,
    );
    return fallback;
  };
  return {
    errors,
    addError,
    text,
    list: (name) => (text(name) ?? '').split(',').flatMap((part) => part.trim() || []),
    port: (name, fallback) => integer(name, { min: 0, max: 65_535, fallback }),
    integer,
    url: (name) => {
      const value = text(name);
      if (value === undefined || isHttpUrl(value)) return value;
      addError(`${name} must be an http or https address without a user name or password.`);
      return undefined;
    },
  };
}

/** False for an address with a user name or password, because addresses appear in logs and links. */
export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && !username && !password;
}

function quote(text: string): string {
  return JSON.stringify(cutWithEllipsis(text, 41));
}
