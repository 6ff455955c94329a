import { startMs } from './world';

/** Happenings of which there are many and that say little. */
const dull = [
  /: timer$/,
  /: describeNamespace/,
  /^temporal: (task|activity|timer|task timeout|attempt timeout)$/,
  /: heartbeat$/,
  /: (gets query|query|check|thawed|gets workflow task|workflow task completed)$/,
  /^disk: synced /,
  /^the sender waits no longer$/,
  /^a person acts$/,
  /^a click on Export$/,
];

/** How a line begins: whoever acts. */
const marks: readonly (readonly [pattern: RegExp, mark: string])[] = [
  [/^fault: /, '!!'],
  [/^repair: /, 'ok'],
  [/^a person: |^refused: |^the sender /, '>>'],
  [/ answers 202 | refuses a delivery/, '<<'],
  [/ calls the service |^the service|: the service /, '$$'],
  [/ is now | is [a-z-]+, revision /, '=='],
];

const verbs: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/: read /, ' reads '],
  [/: size /, ' looks at '],
  [/: list /, ' lists '],
  [/: (commit|create) /, ' writes '],
  [/: replace /, ' overwrites '],
  [/: remove /, ' removes '],
  [/: gets /, ' begins '],
  [/: signalWithStart (\w+)/, ' signals $1, and starts a run if none is open'],
  [/: signal (\w+)/, ' signals $1'],
  [/: update (\w+)/, ' sends the update $1'],
  [/^(\w+-\d+): (?=the|calls)/, '$1: '],
];

/** A pause of this length begins a new paragraph, in ms. */
const paragraphMs = 1000;

/**
 * Tells the trace of a seed for a person: times from the start, short names for requests and bodies, a paragraph for
 * what happened together.
 * @param lines of the trace, `<epoch ms> <what>`.
 */
export function tellStory(lines: readonly string[], { all }: { readonly all: boolean }): string[] {
  const names = new Names();
  const story: string[] = [];
  let before = -Infinity;
  for (const line of lines) {
    const space = line.indexOf(' ');
    const at = Number(line.slice(0, space)) - startMs;
    const what = line.slice(space + 1);
    if (!all && dull.some((pattern) => pattern.test(what))) continue;
    if (at - before > paragraphMs) story.push('');
    before = at;
    const mark = marks.find(([pattern]) => pattern.test(what))?.[1] ?? '  ';
    story.push(`${toTime(at)} ${mark} ${names.shorten(toSentence(what))}`);
  }
  return [...story, '', ...names.legend()];
}

function toSentence(what: string): string {
  return verbs.reduce((text, [pattern, sentence]) => text.replace(pattern, sentence), what);
}

/** Minutes, seconds and ms. */
function toTime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const seconds = ((Math.floor(ms) % 60_000) / 1000).toFixed(3).padStart(6, '0');
  return `${String(minutes).padStart(3)}:${seconds}`;
}

/** Short names for what has long ones, in the order in which they appear. */
class Names {
  private readonly known = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  shorten(text: string): string {
    return text
      .replaceAll(/\d{8}T\d{9}Z-[0-9a-f]{12}/g, (id) => this.nameOf('request', id))
      .replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, (_, short: string) => this.nameOf('body', short))
      .replaceAll(/(?<=\/)[0-9a-f]{12}(?=\/)/g, (short) => this.nameOf('body', short));
  }

  legend(): string[] {
    return [...this.known].map(([long, name]) => `${name} is ${long}`);
  }

  private nameOf(kind: string, long: string): string {
    const known = this.known.get(long);
    if (known !== undefined) return known;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    this.known.set(long, `${kind}-${count}`);
    return `${kind}-${count}`;
  }
}
