/** Reads variables of the environment and gathers what is wrong with them. An empty variable counts as not set. */
export class EnvReader {
  /** Sentences, without the values of secrets. */
  readonly faults: string[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  text(name: string): string | undefined {
    const value = this.env[name]?.trim();
    return value === '' ? undefined : value;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '');
  }

  port(name: string, usual: number): number {
    return this.whole(name, usual, 0, 65_535);
  }

  whole(name: string, usual: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
    const text = this.text(name);
    if (text === undefined) return usual;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`;
    this.faults.push(`${name} is "${text.slice(0, 40)}": expected a whole number from ${least} ${upTo}.`);
    return usual;
  }

  url(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
    this.faults.push(`${name} is "${text.slice(0, 80)}": expected an http or https address.`);
    return undefined;
  }
}
