import { maxDepth } from '../domain/limits';
import { BodyError, NonFiniteNumber } from './body-error';
import { Action, grammar, State } from './json-grammar';

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/**
 * Receives the keys and values down to `notifyDepth`. `depth` is the number of containers around a key or
 * value. Offsets are bytes from the start of the text.
 */
export interface ScanListener {
  keyStart(depth: number, start: number): void;
  keyEnd(depth: number, end: number): void;
  valueStart(depth: number, type: JsonType, start: number): void;
  valueEnd(depth: number, end: number): void;
}

const typeOfFirstState: Readonly<Record<number, JsonType>> = {
  [State.String]: 'string',
  [State.Minus]: 'number',
  [State.Zero]: 'number',
  [State.Integer]: 'number',
  [State.True1]: 'true',
  [State.False1]: 'false',
  [State.Null1]: 'null',
};

/**
 * 1 for each byte that, inside a string, needs no lookup in the grammar: ASCII except quotes, backslashes and
 * control characters.
 */
const plainInString = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
);
/** The words that `State.NaN1` to `State.MinusInfinity7` belong to, the last first. */
const nonFinite = [
  { word: '-Infinity', first: State.MinusInfinity1 as number },
  { word: 'Infinity', first: State.Infinity1 as number },
  { word: 'NaN', first: State.NaN1 as number },
] as const;
const table = grammar; // a local constant, because CommonJS looks up an import at every use
const stringState: number = State.String;
const firstAction: number = Action.beginScalar;
const endNumber: number = Action.endNumber;

/**
 * Checks JSON while its bytes arrive, in constant memory: its syntax (RFC 8259, with the same verdict as
 * `JSON.parse`), its UTF-8 and its depth. Fails at the first byte that no valid JSON text has at its
 * position; only `NaN` and `Infinity` are read to the end, so that the error can name them. Calls the listener for keys and values with at most `notifyDepth` containers around them.
 */
export class JsonScanner {
  /** Total bytes of the chunks pushed so far. */
  offset = 0;
  private state: number = State.Value;
  /** The state after the current value ends. It depends on the innermost open container. */
  private after: number = State.AfterText;
  private inKey = false;
  /** For each open container, the value that `after` has once the container is closed. */
  private readonly outer: number[] = [];

  /**
   * @param notifyDepth the deepest level that the listener is called for. The listener may change it when a
   *   value begins or ends.
   */
  constructor(
    private readonly listener: ScanListener,
    public notifyDepth: number,
  ) {}

  /** @throws {BodyError} at the first error. Don't call `push` or `end` afterwards. */
  push(chunk: Uint8Array): void {
    const length = chunk.length;
    let state = this.state;
    let at = 0;
    while (at < length) {
      if (state === stringState) {
        // Fast path for most bytes of a delivery: one lookup, no dependent load.
        while (at < length && plainInString[chunk[at]!] === 1) at += 1;
        if (at === length) break;
      }
      const byte = chunk[at]!;
      const next = table[state * 256 + byte]!;
      if (next < firstAction) state = next;
      else {
        this.state = state;
        this.act(next, byte, this.offset + at);
        state = this.state;
        if (next === endNumber) continue;
      }
      at += 1;
    }
    this.state = state;
    this.offset += length;
  }

  /** @throws {BodyError} when the text is empty or incomplete. */
  end(): void {
    // Only a top-level number may end where the text ends. Inside a container, the text is incomplete.
    const inNumber = table[this.state * 256 + 0x20] === endNumber;
    if (inNumber && this.outer.length === 0) this.endValue(this.offset);
    if (this.state === State.AfterText) return;
    this.failInNonFinite(this.offset);
    throw this.offset === 0
      ? new BodyError('no-body', 'no payload body received')
      : unexpected('end', this.offset);
  }

  private act(action: number, byte: number, offset: number): void {
    switch (action) {
      case Action.endString:
        return this.endString(offset + 1);
      case Action.beginKey:
        return this.beginKey(offset);
      case Action.endNumber:
        return this.endValue(offset);
      case Action.endLiteral:
        return this.endValue(offset + 1);
      case Action.openObject:
        return this.open('object', offset);
      case Action.openArray:
        return this.open('array', offset);
      case Action.close:
        return this.close(offset + 1);
      case Action.endNonFinite:
        return this.endNonFinite(offset);
      case Action.fail:
        return this.fail(byte, offset);
      default:
        return this.beginScalar(action - Action.beginScalar, offset);
    }
  }

  private beginScalar(state: number, offset: number): void {
    this.state = state;
    if (this.outer.length <= this.notifyDepth)
      this.listener.valueStart(this.outer.length, typeOfFirstState[state]!, offset);
  }

  private endValue(end: number): void {
    this.state = this.after;
    if (this.outer.length <= this.notifyDepth) this.listener.valueEnd(this.outer.length, end);
  }

  private beginKey(offset: number): void {
    this.state = State.String;
    this.inKey = true;
    if (this.outer.length <= this.notifyDepth) this.listener.keyStart(this.outer.length, offset);
  }

  private endString(end: number): void {
    if (!this.inKey) return this.endValue(end);
    this.inKey = false;
    this.state = State.Colon;
    if (this.outer.length <= this.notifyDepth) this.listener.keyEnd(this.outer.length, end);
  }

  private open(type: 'object' | 'array', offset: number): void {
    const depth = this.outer.length;
    if (depth === maxDepth)
      throw new BodyError('too-deep', `the body is nested deeper than ${maxDepth} levels, at byte ${offset}`);
    if (depth <= this.notifyDepth) this.listener.valueStart(depth, type, offset);
    this.outer.push(this.after);
    this.after = type === 'object' ? State.AfterInObject : State.AfterInArray;
    this.state = type === 'object' ? State.ObjectFirst : State.ArrayFirst;
  }

  private close(end: number): void {
    this.after = this.outer.pop()!;
    this.endValue(end);
  }

  private endNonFinite(offset: number): never {
    const { word, first } = this.nonFiniteWord()!;
    throw new NonFiniteNumber(word, offset - (this.state - first + 1));
  }

  private nonFiniteWord(): (typeof nonFinite)[number] | undefined {
    if (this.state > (State.MinusInfinity7 as number)) return undefined;
    return nonFinite.find(({ first }) => this.state >= first);
  }

  /** A word that only begins like `NaN` or `Infinity` is wrong from its first letter on. */
  private failInNonFinite(offset: number): void {
    const begun = this.nonFiniteWord();
    if (begun)
      throw unexpected(begun.word === 'NaN' ? '"N"' : '"I"', offset - (this.state - begun.first + 1));
  }

  private fail(byte: number, offset: number): never {
    this.failInNonFinite(offset);
    if (offset === 0 && byte === 0xef)
      throw new BodyError(
        'byte-order-mark',
        'the body begins with a byte order mark, which JSON does not allow',
      );
    const inUtf8 = this.state >= State.Utf8Left1 && this.state <= State.Utf8AfterF4;
    if (inUtf8 || (this.state === State.String && byte >= 0x80))
      throw new BodyError('bad-utf8', `the body is not valid UTF-8 at byte ${offset}`);
    const shown =
      byte > 0x20 && byte < 0x7f
        ? `"${String.fromCharCode(byte)}"`
        : `0x${byte.toString(16).padStart(2, '0')}`;
    throw unexpected(shown, offset);
  }
}

function unexpected(shown: string, offset: number): BodyError {
  return new BodyError('broken-json', `the body is not valid JSON: unexpected ${shown} at byte ${offset}`);
}
