import { maxDepth } from '../domain/limits';
import { BodyError } from './body-error';

/** What kind of value begins. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

/** Told about values and keys in shallow containers; `depth` is the number of containers around them. Offsets are bytes from the start. */
export interface ScanListener {
  key(depth: number, start: number, end: number): void;
  valueStart(depth: number, type: JsonType, start: number): void;
  valueEnd(depth: number, end: number): void;
}

const enum State {
  Value,
  ArrayFirst,
  ObjectFirst,
  Key,
  Colon,
  AfterValue,
  String,
  Escape,
  Hex,
  Utf8,
  Minus,
  Zero,
  Integer,
  Dot,
  Fraction,
  Exponent,
  ExponentSign,
  ExponentDigits,
  Literal,
}

const literals: Readonly<Record<number, { word: string; type: JsonType }>> = {
  0x74: { word: 'true', type: 'true' },
  0x66: { word: 'false', type: 'false' },
  0x6e: { word: 'null', type: 'null' },
};

/** 1 for bytes that stand for themselves in a string. */
const plainInString = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
);
const escapes = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));

/**
 * Checks JSON (RFC 8259, the verdict of `JSON.parse`) as its bytes come, in memory that does not grow: syntax, UTF-8, depth.
 * A fault is the first byte after which no JSON text is possible. Tells the listener about what lies at most `tellDepth` deep.
 */
export class JsonScanner {
  /** Bytes seen so far. */
  offset = 0;
  private state: State = State.Value;
  private inKey = false;
  private keyStart = 0;
  /** For each open container whether it is an object. */
  private readonly containers: boolean[] = [];
  private hexLeft = 0;
  private utf8Left = 0;
  private utf8Min = 0x80;
  private utf8Max = 0xbf;
  private literal = '';
  private literalAt = 0;

  constructor(
    private readonly listener: ScanListener,
    private readonly tellDepth: number,
  ) {}

  /** @throws {BodyError} at the first fault. */
  push(chunk: Uint8Array): void {
    const base = this.offset;
    const length = chunk.length;
    let at = 0;
    while (at < length) {
      if (this.state === State.String) {
        while (at < length && plainInString[chunk[at]!] === 1) at += 1;
        if (at === length) break;
      }
      at += this.step(chunk[at]!, base + at);
    }
    this.offset = base + length;
  }

  /** @throws {BodyError} when the text is not whole. */
  end(): void {
    if (this.endsNumber()) this.endValue(this.offset);
    if (this.state === State.AfterValue && this.containers.length === 0) return;
    throw this.offset === 0
      ? new BodyError(400, 'no-body', 'no payload body received')
      : new BodyError(400, 'broken-json', `the body is not valid JSON: it ends too early, at byte ${this.offset}`);
  }

  /** Takes one byte; answers 0 when it ended a number and has to be looked at again. */
  private step(byte: number, offset: number): 0 | 1 {
    switch (this.state) {
      case State.String:
        this.inString(byte, offset);
        return 1;
      case State.Escape:
        this.afterBackslash(byte, offset);
        return 1;
      case State.Hex:
        if (!isHex(byte)) this.fail(byte, offset);
        this.hexLeft -= 1;
        if (this.hexLeft === 0) this.state = State.String;
        return 1;
      case State.Utf8:
        this.continuation(byte, offset);
        return 1;
      case State.Literal:
        this.inLiteral(byte, offset);
        return 1;
      case State.Minus:
      case State.Zero:
      case State.Integer:
      case State.Dot:
      case State.Fraction:
      case State.Exponent:
      case State.ExponentSign:
      case State.ExponentDigits:
        return this.inNumber(byte, offset);
      default:
        if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return 1;
        this.structural(byte, offset);
        return 1;
    }
  }

  private structural(byte: number, offset: number): void {
    switch (this.state) {
      case State.ArrayFirst:
        return byte === 0x5d ? this.close(offset) : this.beginValue(byte, offset);
      case State.Value:
        return this.beginValue(byte, offset);
      case State.ObjectFirst:
        return byte === 0x7d ? this.close(offset) : this.beginKey(byte, offset);
      case State.Key:
        return this.beginKey(byte, offset);
      case State.Colon:
        if (byte !== 0x3a) this.fail(byte, offset);
        this.state = State.Value;
        return;
      default:
        return this.afterValue(byte, offset);
    }
  }

  private beginValue(byte: number, offset: number): void {
    const literal = literals[byte];
    if (byte === 0x22) this.tellStart('string', offset, State.String);
    else if (byte === 0x7b) this.open(true, offset);
    else if (byte === 0x5b) this.open(false, offset);
    else if (byte === 0x2d) this.tellStart('number', offset, State.Minus);
    else if (byte === 0x30) this.tellStart('number', offset, State.Zero);
    else if (byte > 0x30 && byte <= 0x39) this.tellStart('number', offset, State.Integer);
    else if (literal) {
      this.literal = literal.word;
      this.literalAt = 1;
      this.tellStart(literal.type, offset, State.Literal);
    } else this.fail(byte, offset);
  }

  private tellStart(type: JsonType, offset: number, state: State): void {
    this.state = state;
    if (this.containers.length <= this.tellDepth) this.listener.valueStart(this.containers.length, type, offset);
  }

  private open(isObject: boolean, offset: number): void {
    if (this.containers.length === maxDepth)
      throw new BodyError(400, 'too-deep', `the body is nested deeper than ${maxDepth}, at byte ${offset}`);
    this.tellStart(isObject ? 'object' : 'array', offset, isObject ? State.ObjectFirst : State.ArrayFirst);
    this.containers.push(isObject);
  }

  private close(offset: number): void {
    this.containers.pop();
    this.endValue(offset + 1);
  }

  private beginKey(byte: number, offset: number): void {
    if (byte !== 0x22) this.fail(byte, offset);
    this.state = State.String;
    this.inKey = true;
    this.keyStart = offset;
  }

  private afterValue(byte: number, offset: number): void {
    const isObject = this.containers[this.containers.length - 1];
    if (isObject === undefined) this.fail(byte, offset);
    if (byte === 0x2c) this.state = isObject ? State.Key : State.Value;
    else if (byte === (isObject ? 0x7d : 0x5d)) this.close(offset);
    else this.fail(byte, offset);
  }

  private endValue(end: number): void {
    this.state = State.AfterValue;
    if (this.containers.length <= this.tellDepth) this.listener.valueEnd(this.containers.length, end);
  }

  private inString(byte: number, offset: number): void {
    if (byte === 0x22) return this.endString(offset + 1);
    if (byte === 0x5c) this.state = State.Escape;
    else if (byte >= 0x80) this.leadByte(byte, offset);
    else this.fail(byte, offset);
  }

  private endString(end: number): void {
    if (!this.inKey) return this.endValue(end);
    this.inKey = false;
    this.state = State.Colon;
    if (this.containers.length <= this.tellDepth) this.listener.key(this.containers.length, this.keyStart, end);
  }

  private afterBackslash(byte: number, offset: number): void {
    if (byte === 0x75) {
      this.state = State.Hex;
      this.hexLeft = 4;
    } else if (escapes.has(byte)) this.state = State.String;
    else this.fail(byte, offset);
  }

  /** The lead byte tells how many follow, and what the first of them may be (no overlong forms, no surrogates, none past U+10FFFF). */
  private leadByte(byte: number, offset: number): void {
    this.utf8Min = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.utf8Max = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) this.utf8Left = 1;
    else if (byte >= 0xe0 && byte <= 0xef) this.utf8Left = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) this.utf8Left = 3;
    else this.failUtf8(offset);
    this.state = State.Utf8;
  }

  private continuation(byte: number, offset: number): void {
    if (byte < this.utf8Min || byte > this.utf8Max) this.failUtf8(offset);
    this.utf8Min = 0x80;
    this.utf8Max = 0xbf;
    this.utf8Left -= 1;
    if (this.utf8Left === 0) this.state = State.String;
  }

  private inLiteral(byte: number, offset: number): void {
    if (byte !== this.literal.charCodeAt(this.literalAt)) this.fail(byte, offset);
    this.literalAt += 1;
    if (this.literalAt === this.literal.length) this.endValue(offset + 1);
  }

  private inNumber(byte: number, offset: number): 0 | 1 {
    const next = afterInNumber(this.state, byte);
    if (next !== undefined) {
      this.state = next;
      return 1;
    }
    if (!this.endsNumber()) this.fail(byte, offset);
    this.endValue(offset);
    return 0;
  }

  private endsNumber(): boolean {
    const { state } = this;
    return state === State.Zero || state === State.Integer || state === State.Fraction || state === State.ExponentDigits;
  }

  private fail(byte: number, offset: number): never {
    if (offset === 0 && byte === 0xef)
      throw new BodyError(400, 'byte-order-mark', 'the body begins with a byte order mark; JSON begins without one');
    const shown = byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `0x${byte.toString(16).padStart(2, '0')}`;
    throw new BodyError(400, 'broken-json', `the body is not valid JSON: unexpected ${shown} at byte ${offset}`);
  }

  private failUtf8(offset: number): never {
    throw new BodyError(400, 'bad-utf8', `the body is not valid UTF-8 at byte ${offset}`);
  }
}

function afterInNumber(state: State, byte: number): State | undefined {
  const digit = byte >= 0x30 && byte <= 0x39;
  const exponent = byte === 0x65 || byte === 0x45;
  switch (state) {
    case State.Minus:
      return byte === 0x30 ? State.Zero : digit ? State.Integer : undefined;
    case State.Zero:
      return byte === 0x2e ? State.Dot : exponent ? State.Exponent : undefined;
    case State.Integer:
      return digit ? State.Integer : byte === 0x2e ? State.Dot : exponent ? State.Exponent : undefined;
    case State.Dot:
      return digit ? State.Fraction : undefined;
    case State.Fraction:
      return digit ? State.Fraction : exponent ? State.Exponent : undefined;
    case State.Exponent:
      return digit ? State.ExponentDigits : byte === 0x2b || byte === 0x2d ? State.ExponentSign : undefined;
    default:
      return digit ? State.ExponentDigits : undefined;
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
