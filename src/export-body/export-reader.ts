import { maxElementBytes, maxElements } from '../domain/limits';
import { formatNumber } from '../text/format-number';
import { BodyError, NonFiniteNumber } from './body-error';
import { Capture } from './capture';
import { EnvelopeLevel } from './envelope-level';
import type { EnvelopeFacts } from './build-envelope';
import { JsonScanner, type JsonType, type ScanListener } from './json-scanner';

/** The number of containers around a key of the envelope, a key of the issue, and an element. */
const envelopeDepth = 1;
const issueDepth = 2;
const elementDepth = 3;
/**
 * The number of containers around an element's key. Only the first element is read this deep, because it may
 * contain the issue's name.
 */
const insideElementDepth = 4;

/**
 * Reads a delivery in one pass: checks JSON syntax and UTF-8, reads the envelope, and passes on one element's
 * bytes at a time. Its memory use does not grow with the body. The gateway and the worker share this reader,
 * so they accept the same bodies.
 */
export class ExportReader implements ScanListener {
  private readonly scanner = new JsonScanner(this, elementDepth);
  private readonly texts = new Capture();
  private readonly elementBytes = new Capture();
  private readonly envelope = new EnvelopeLevel(
    ['event', 'project', 'project_name', 'projectName', 'issue'],
    (key) => {
      throw new BodyError('key-twice', `the webhook payload has the key ${key} twice`);
    },
    refuseTooManyKeys('the webhook payload'),
  );
  private readonly issue = new EnvelopeLevel(
    ['id', 'name', 'issue_name', 'issueName', 'elements'],
    (key) => {
      this.issueKeyTwice ??= key; // only issue-exported is refused, and the event may come later in the body
    },
    refuseTooManyKeys('the issue'),
  );
  private readonly firstElement = new EnvelopeLevel(
    ['issue_name', 'issueName'],
    () => undefined,
    () => undefined,
  );
  private root: JsonType | undefined;
  private issueKeyTwice: string | undefined;
  private elements = 0;
  private inIssue = false;
  private inElements = false;
  /** The offset where the current element began; -1 outside of an element. */
  private elementStart = -1;
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkStart = 0;
  private failure: { readonly error: unknown } | undefined;

  /**
   * @param onElement called with each element's bytes, in the body's order; they are valid only during the
   *   call.
   */
  constructor(private readonly onElement?: (index: number, bytes: Buffer) => void) {}

  /**
   * The caller may then reuse the chunk's memory.
   * @throws {BodyError} at the first error. Every later call throws the same error.
   */
  push(chunk: Uint8Array): void {
    this.unlessFailed(() => {
      this.chunk = chunk;
      this.chunkStart = this.scanner.offset;
      this.scanner.push(chunk);
      this.checkElementSize(this.scanner.offset);
      this.texts.keep(chunk, this.chunkStart);
      this.elementBytes.keep(chunk, this.chunkStart);
    });
  }

  /** @throws {BodyError} when the body is incomplete, or when `push` failed before. */
  end(): EnvelopeFacts {
    this.unlessFailed(() => this.scanner.end());
    return {
      root: this.root,
      envelope: this.envelope.facts,
      issue: this.issue.facts,
      issueKeyTwice: this.issueKeyTwice,
      elements: this.elements,
      firstElement: this.firstElement.facts,
    };
  }

  keyStart(depth: number, start: number): void {
    const level = this.levelAt(depth);
    if (level) this.texts.begin(start, level.maxKeyBytes);
  }

  keyEnd(depth: number, end: number): void {
    this.levelAt(depth)?.enter(this.captured(this.texts, end));
  }

  valueStart(depth: number, type: JsonType, start: number): void {
    if (depth === elementDepth && this.inElements) return this.beginElement(start);
    if (depth === 0) this.root = type;
    const level = this.levelAt(depth);
    if (!level) return;
    level.type = type;
    if (level === this.envelope) this.inIssue = level.key === 'issue' && type === 'object';
    if (level === this.issue) this.inElements = level.key === 'elements' && type === 'array';
    if (type === 'string') this.texts.begin(start, level.maxTextBytes);
  }

  valueEnd(depth: number, end: number): void {
    if (depth === elementDepth && this.inElements) return this.endElement(end);
    const level = this.levelAt(depth);
    if (!level) return;
    level.leave(level.type === 'string' ? this.captured(this.texts, end) : undefined);
    if (level === this.issue) this.inElements = false;
  }

  private levelAt(depth: number): EnvelopeLevel | undefined {
    if (depth === envelopeDepth) return this.envelope;
    if (depth === issueDepth && this.inIssue) return this.issue;
    return depth === insideElementDepth && this.elementStart >= 0 ? this.firstElement : undefined;
  }

  private beginElement(start: number): void {
    if (this.elements === maxElements)
      throw new BodyError(
        'too-many-elements',
        `the issue has more than ${formatNumber(maxElements)} elements`,
      );
    this.elementStart = start;
    this.scanner.notifyDepth = this.elements === 0 ? insideElementDepth : elementDepth;
    if (this.onElement) this.elementBytes.begin(start, maxElementBytes);
  }

  private endElement(end: number): void {
    this.checkElementSize(end);
    this.elementStart = -1;
    const index = this.elements;
    this.elements += 1;
    const bytes = this.onElement && this.captured(this.elementBytes, end);
    if (bytes) this.onElement?.(index, bytes);
  }

  private checkElementSize(end: number): void {
    if (this.elementStart < 0 || end - this.elementStart <= maxElementBytes) return;
    throw new BodyError(
      'element-too-large',
      `element ${formatNumber(this.elements)} of the issue is larger than ${formatNumber(maxElementBytes)} bytes`,
    );
  }

  private captured(capture: Capture, end: number): Buffer | undefined {
    return capture.take(this.chunk, this.chunkStart, end);
  }

  /** After an error, the reader's state is meaningless, so every later call throws the same error. */
  private unlessFailed(read: () => void): void {
    if (this.failure) throw this.failure.error;
    try {
      read();
    } catch (error) {
      this.failure = { error: this.withElement(error) };
      throw this.failure.error;
    }
  }

  /** Adds the index of the current element to an error that a person has to find in the elements. */
  private withElement(error: unknown): unknown {
    return error instanceof NonFiniteNumber && this.inElements
      ? new NonFiniteNumber(error.word, error.offset, this.elements)
      : error;
  }
}

function refuseTooManyKeys(what: string): (limit: number) => never {
  return (limit) => {
    throw new BodyError('too-many-keys', `${what} has more than ${formatNumber(limit)} unknown keys`);
  };
}
