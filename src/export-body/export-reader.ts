import { maxElementBytes, maxElements } from '../domain/limits';
import { BodyError } from './body-error';
import type { EnvelopeFacts, Fact } from './envelope-rules';
import { JsonScanner, type JsonType, type ScanListener } from './json-scanner';

/** Bytes of a key or a scalar of the envelope that are read, at most. */
const maxScalarBytes = 64 * 1024;
const maxKeyBytes = 512;
/** Unknown keys of one object that are remembered to find a repetition. */
const maxUnknownKeys = 1000;

/** Depth of what stands in the envelope, in the issue, and in the elements' array. */
const envelopeDepth = 1;
const issueDepth = 2;
const elementDepth = 3;

/**
 * The one reader of deliveries: full JSON syntax, UTF-8 and the envelope in one pass, each element's bytes alone. Memory does not
 * grow with the body. Gateway and worker use the same.
 */
export class ExportReader implements ScanListener {
  /** What the envelope said so far. */
  readonly facts: EnvelopeFacts = { envelope: new Map(), issue: new Map(), elements: 0 };
  private readonly scanner = new JsonScanner(this, elementDepth);
  private readonly seen = [new Set<string>(), new Set<string>()] as const;
  private keys: [string, string] = ['', ''];
  private inIssue = false;
  private inElements = false;
  /** Start of the key or value whose bytes are wanted; -1: none. */
  private wantedFrom = -1;
  private wantedLimit = 0;
  private pieces: Uint8Array[] = [];
  private valueType: JsonType = 'null';
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkStart = 0;
  private elementFrom = -1;
  private tail: Buffer = Buffer.alloc(0);

  /** @param onElement told each element's bytes, in order; the bytes are valid only during the call. */
  constructor(private readonly onElement?: (index: number, bytes: Uint8Array) => void) {}

  /** @throws {BodyError} at the first fault. */
  push(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.chunkStart = this.scanner.offset;
    this.scanner.push(chunk);
    this.checkElementSize(this.scanner.offset);
    this.keepWanted();
    this.keepTail();
  }

  /** @throws {BodyError} when the text is not whole. */
  end(): EnvelopeFacts {
    this.scanner.end();
    return this.facts;
  }

  key(depth: number, start: number, end: number): void {
    if (depth === envelopeDepth) this.takeKey(0, this.facts.envelope, start, end);
    else if (depth === issueDepth && this.inIssue) this.takeKey(1, this.facts.issue, start, end);
  }

  valueStart(depth: number, type: JsonType, start: number): void {
    if (depth === elementDepth && this.inElements) return this.beginElement(start);
    if (depth === 0) this.facts.root = type;
    if (depth === envelopeDepth && this.keys[0] === 'issue') this.inIssue = type === 'object';
    if (depth === issueDepth && this.inIssue && this.keys[1] === 'elements') this.inElements = type === 'array';
    if (depth === envelopeDepth || (depth === issueDepth && this.inIssue)) {
      this.valueType = type;
      if (type === 'string') this.want(start, maxScalarBytes);
    }
  }

  valueEnd(depth: number, end: number): void {
    if (depth === elementDepth && this.inElements) return this.endElement(end);
    if (depth === issueDepth && this.inIssue) {
      this.takeValue(this.facts.issue, this.keys[1], this.inElements ? 'array' : this.valueType, end);
      this.inElements = false;
    } else if (depth === envelopeDepth) {
      this.takeValue(this.facts.envelope, this.keys[0], this.inIssue ? 'object' : this.valueType, end);
      this.inIssue = false;
    }
  }

  private takeKey(level: 0 | 1, facts: Map<string, Fact>, start: number, end: number): void {
    const key = end - start > maxKeyBytes ? undefined : this.keyText(start, end);
    this.keys[level] = key ?? '';
    if (key === undefined) return;
    if (this.seen[level].has(key)) {
      if (level === 0) throw new BodyError(400, 'key-twice', `the webhook payload has the key ${shown(key)} twice`);
      this.facts.issueKeyTwice ??= key;
    } else if (this.seen[level].size < maxUnknownKeys || facts.has(key)) this.seen[level].add(key);
  }

  private takeValue(facts: Map<string, Fact>, key: string, type: JsonType, end: number): void {
    const wanted = this.wantedFrom >= 0 ? this.wantedBytes(end) : undefined;
    if (!readKeys.has(key)) return;
    if (type !== 'string') facts.set(key, { type });
    else if (wanted === undefined) throw new BodyError(400, 'too-long', `the value of ${key} is longer than ${maxScalarBytes} bytes`);
    else facts.set(key, { type, text: JSON.parse(Buffer.from(wanted).toString('utf8')) as string });
  }

  private beginElement(start: number): void {
    if (this.facts.elements === maxElements)
      throw new BodyError(413, 'too-many-elements', `the issue has more than ${maxElements} elements`);
    this.elementFrom = start;
    if (this.onElement || this.facts.elements === 0) this.want(start, maxElementBytes);
  }

  private endElement(end: number): void {
    this.checkElementSize(end);
    const index = this.facts.elements;
    this.facts.elements += 1;
    this.elementFrom = -1;
    if (this.wantedFrom < 0) return;
    const bytes = this.wantedBytes(end);
    if (bytes === undefined) return;
    if (index === 0) this.facts.firstElement = Buffer.from(bytes);
    this.onElement?.(index, bytes);
  }

  private checkElementSize(end: number): void {
    if (this.elementFrom < 0 || end - this.elementFrom <= maxElementBytes) return;
    throw new BodyError(413, 'element-too-large', `element ${this.facts.elements} of the issue is larger than ${maxElementBytes} bytes`);
  }

  private want(from: number, limit: number): void {
    this.wantedFrom = from;
    this.wantedLimit = limit;
    this.pieces = [];
  }

  /** Keeps what this chunk holds of a wanted value that goes on in the next. */
  private keepWanted(): void {
    if (this.wantedFrom < 0) return;
    if (this.scanner.offset - this.wantedFrom > this.wantedLimit) {
      this.pieces = [];
      return;
    }
    this.pieces.push(this.chunk.slice(Math.max(0, this.wantedFrom - this.chunkStart)));
  }

  /** All bytes of the wanted value that ends at `end`; undefined when it was over its limit. */
  private wantedBytes(end: number): Uint8Array | undefined {
    const from = this.wantedFrom;
    this.wantedFrom = -1;
    if (end - from > this.wantedLimit) return undefined;
    const here = this.chunk.subarray(Math.max(0, from - this.chunkStart), end - this.chunkStart);
    return this.pieces.length === 0 ? here : Buffer.concat([...this.pieces, here]);
  }

  /** The key's text. A key that began in an earlier chunk is put together with the tail of the bytes before. */
  private keyText(start: number, end: number): string {
    const raw =
      start >= this.chunkStart
        ? this.chunk.subarray(start - this.chunkStart, end - this.chunkStart)
        : Buffer.concat([this.tail.subarray(this.tail.length - (this.chunkStart - start)), this.chunk.subarray(0, end - this.chunkStart)]);
    return JSON.parse(Buffer.from(raw).toString('utf8')) as string;
  }

  /** Keeps the last bytes of a chunk: a key may go on in the next. */
  private keepTail(): void {
    this.tail = Buffer.concat([this.tail, this.chunk.subarray(Math.max(0, this.chunk.length - maxKeyBytes))]).subarray(-maxKeyBytes);
  }
}

/** Keys of the envelope and of the issue whose values are read. */
const readKeys: ReadonlySet<string> = new Set([
  'event',
  'project',
  'project_name',
  'projectName',
  'issue',
  'id',
  'name',
  'issue_name',
  'issueName',
  'elements',
]);

function shown(key: string): string {
  return JSON.stringify(key.slice(0, 60));
}
