/** Reads variables and collects faults; a faulty value reads as if it were not set. An empty variable is one that is not set. */
export interface EnvReader {
  readonly faults: readonly string[];
  fault(sentence: string): void;
  text(name: string): string | undefined;
  /** Values separated by commas, without blanks around them; empty ones are dropped. */
  list(name: string): string[];
  port(name: string, otherwise: number): number;
  integer(
    name: string,
    range: { readonly least: number; readonly most: number; readonly otherwise: number },
  ): number;
  /** An http or https address. */
  url(name: string): string | undefined;
}

export function createEnvReader(env: NodeJS.ProcessEnv): EnvReader {
  const faults: string[] = [];
  const fault = (sentence: string): void => {
    if (!faults.includes(sentence)) faults.push(sentence);
  };
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const integer: EnvReader['integer'] = (name, { least, most, otherwise }) => {
    const given = text(name);
    if (given === undefined) return otherwise;
    const value = Number(given);
    if (/^\d+$/.test(given) && value >= least && value <= most) return value;
    fault(`${name} must be a whole number from ${least} to ${most}; it is ${short(given)}.`);
    return otherwise;
  };
  return {
    faults,
    fault,
    text,
    list: (name) => (text(name) ?? '').split(',').flatMap((part) => part.trim() || []),
    port: (name, otherwise) => integer(name, { least: 0, most: 65_535, otherwise }),
    integer,
    url: (name) => {
      const given = text(name);
      if (given === undefined || isHttpUrl(given)) return given;
      fault(`${name} must be an http or https address without a user name or password.`);
      return undefined;
    },
  };
}

/** A name or password in the address would go into logs and links. */
export function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && !username && !password;
}

function short(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
