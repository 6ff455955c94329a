import { createHash } from 'node:crypto';

/** A text that a sender may use as an id or a name. */
export interface HostileName {
  readonly what: string;
  readonly text: string;
  /** As an issue id: `verbatim` or `hashed` in the workflow id, or the name of the refusal. */
  readonly asIssueId:
    | 'verbatim'
    | 'hashed'
    | 'issue-id-control-character'
    | 'issue-id-lone-surrogate'
    | 'issue-id-too-long';
}

/** `bytes` bytes of UTF-8 in characters of `size` bytes, after as many `x` as the division leaves over. */
export function ofBytes(bytes: number, size: 1 | 2 | 3 | 4): string {
  return 'x'.repeat(bytes % size) + ['a', 'ü', '字', '𝒳'][size - 1]!.repeat(Math.floor(bytes / size));
}

const longest = ofBytes(2048, 4);

/** Accepted as issue ids, and verbatim in the workflow id. */
const verbatim: Record<string, string> = {
  'an ordinary id': 'issue-1',
  'the same in another case': 'Issue-1',
  'the same in capitals': 'ISSUE-1',
  'a composed letter (NFC)': 'caf\u00E9',
  'the same letter in two parts (NFD)': 'cafe\u0301',
  'a sharp s': 'straße',
  'what a sharp s folds to': 'strasse',
  'a dot': '.',
  'two dots': '..',
  'a path upwards': '../../../../etc/passwd',
  'an absolute path': '/etc/passwd',
  slashes: 'a//b/',
  'back slashes': '..\\..\\windows\\system32',
  'a last back slash': 'a\\',
  'double quotes': '"a" "b"',
  'a single quote': "it's",
  'the end of a query': "' OR AquariumIssueId != '",
  'quotes and back slashes': `\\'\\"\\\\''""`,
  'back ticks': '`id` ``two`` ```three```',
  'an opened fence': '```sh',
  'a command': '$(touch pwned); `touch pwned`; ${HOME} | sh & # ',
  'an option': '--rid=x -rf',
  'a template of JavaScript': '${process.exit(1)}',
  'a template of a page': '{{constructor.constructor("x")()}}',
  'a right-to-left override': 'invoice\u202Egnp.exe',
  'isolates and marks': '\u2066a\u2069\u200E\u200F\u061C\u2067b\u2069',
  'zero-width characters': 'a\u200B\u200C\u200D\u2060\uFEFFb',
  'invisible tags': 'a\u{E0061}\u{E007F}',
  'a line separator': 'a\u2028b',
  'a paragraph separator': 'a\u2029b',
  'combining marks': `Z${'\u0301\u0327\u0489'.repeat(20)}`,
  'a mark with nothing before it': '\u0301a',
  'an emoji of several': '👩‍👩‍👧‍👦🏳️‍🌈',
  'no characters': '\uFFFE\uFFFF',
  'a replacement character': 'a\uFFFDb',
  'a markdown link': '[click](https://evil.example)',
  'a markdown image': '![x](https://evil.example/x.png)',
  'a bare link': 'https://evil.example www.evil.example a@evil.example <https://evil.example>',
  'a script': '<script>alert(1)</script><img src=x onerror=alert(1)>',
  'a comment': '<!-- -->&lt;&#60;',
  'a heading': '# big',
  'a list': '- one * two 1. three',
  'emphasis and strikes': '**a** _b_ ~~c~~ | d | e |',
  'a formula': '=HYPERLINK("https://evil.example";"x")',
  'a formula with a plus': '+1+1',
  'a formula with a minus': '-2+3',
  'a formula with an at': '@SUM(1)',
  'a formula in full width': '＝1+1',
  'a formula behind a semicolon': 'car;=1+1;x',
  'a formula behind a comma and a quote': 'a,"@SUM(1)"',
  'commas and semicolons': 'a,b;c,"d"',
  'GraphQL text': '"){x}',
  'the end of a GraphQL call': '"}) { count } } deleteEverything { count } #',
  'a GraphQL variable': '$labelIds',
  'a key of every object': '__proto__',
  'a constructor': 'constructor',
  'a null': 'null',
  'a star': '*',
  spaces: '  a  ',
  'only a space': ' ',
  'a name that Windows keeps': 'con',
  '200 bytes of one': ofBytes(200, 1),
  '200 bytes of two': ofBytes(200, 2),
  '200 bytes of three': ofBytes(200, 3),
  '200 bytes of four': ofBytes(200, 4),
};

/**
 * Accepted as issue ids, and hashed because they are over 200 bytes, look like a hash, or have a percent sign.
 */
const hashed: Record<string, string> = {
  'percent signs of a path': '%2e%2e%2f',
  'an escaped percent sign': '%252e',
  'a percent sign alone': '100%',
  'an escaped NUL': '%00',
  'a format': '%s %d %n {0}',
  '201 bytes of one': ofBytes(201, 1),
  '201 bytes of two': ofBytes(201, 2),
  '201 bytes of three': ofBytes(201, 3),
  '201 bytes of four': ofBytes(201, 4),
  '2,048 bytes of one': ofBytes(2048, 1),
  '2,048 bytes of two': ofBytes(2048, 2),
  '2,048 bytes of three': ofBytes(2048, 3),
  '2,048 bytes of four': longest,
  '2,048 bytes of quotes': '"'.repeat(2048),
  'the hashed name of another': `sha256-${createHash('sha256').update(longest).digest('hex')}`,
};

const controls: Record<string, string> = {
  'a line end': 'two\nlines',
  'a carriage return': 'two\rlines',
  'both, and a log line of its own': 'x\r\n{"level":60,"msg":"forged"}',
  'a tab': 'a\tb',
  'a formula behind a tab': '\t=1+1',
  'a formula behind a carriage return': '\r=1+1',
  'a NUL': 'a\0b',
  'a delete': 'a\x7Fb',
  'a next line': 'a\x85b',
  'a control sequence of one character': '\x9B31mred',
  'a colour': '\x1B[31mred\x1B[0m',
  'a cleared screen': '\x1B[2J\x1B[H',
  'a window title': '\x1B]0;owned\x07',
  'a link of a terminal': '\x1B]8;;https://evil.example\x1B\\click\x1B]8;;\x1B\\',
  'a bell and a back space': '\x07\b\b\b',
};

const halves: Record<string, string> = {
  'the first half of a pair': 'a\uD83D',
  'the second half of a pair': '\uDE00b',
  'a pair the wrong way round': '\uDE00\uD83D',
};

const tooLong: Record<string, string> = {
  '2,049 bytes of one': ofBytes(2049, 1),
  '2,049 bytes of two': ofBytes(2049, 2),
  '2,049 bytes of three': ofBytes(2049, 3),
  '2,049 bytes of four': ofBytes(2049, 4),
  '3,000 bytes of three': ofBytes(3000, 3),
};

/** The ids and names that break software, each with the expected result as an issue id. */
export const hostileNames: readonly HostileName[] = [
  ...rows(verbatim, 'verbatim'),
  ...rows(hashed, 'hashed'),
  ...rows(controls, 'issue-id-control-character'),
  ...rows(halves, 'issue-id-lone-surrogate'),
  ...rows(tooLong, 'issue-id-too-long'),
];

/** The texts that are valid issue ids. */
export const acceptedIds: readonly string[] = hostileNames
  .filter(({ asIssueId }) => asIssueId === 'verbatim' || asIssueId === 'hashed')
  .map(({ text }) => text);

/** Characters that move a cursor, break a line, reverse the direction of text, or are invisible. */
export const unprintable =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/u;

function rows(texts: Record<string, string>, asIssueId: HostileName['asIssueId']): HostileName[] {
  return Object.entries(texts).map(([what, text]) => ({ what, text, asIssueId }));
}
