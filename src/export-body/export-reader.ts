import { maxElementBytes, maxElements } from '../domain/limits';
import { BodyError } from './body-error';
import { Capture } from './capture';
import { EnvelopeLevel } from './envelope-level';
import type { EnvelopeFacts } from './build-envelope';
import { JsonScanner, type JsonType, type ScanListener } from './json-scanner';

/** Depth of what stands in the envelope, in the issue, and in the elements' array. */
const envelopeDepth = 1;
const issueDepth = 2;
const elementDepth = 3;
/** Depth of what stands in an element; told of the first alone, which may name the issue. */
const insideElementDepth = 4;

/**
 * The one reader of deliveries: full JSON syntax, UTF-8 and the envelope in one pass, each element's bytes alone. Memory does not
 * grow with the body. Gateway and worker use the same.
 */
export class ExportReader implements ScanListener {
  private readonly scanner = new JsonScanner(this, elementDepth);
  private readonly texts = new Capture();
  private readonly elementBytes = new Capture();
  private readonly envelope = new EnvelopeLevel(
    ['event', 'project', 'project_name', 'projectName', 'issue'],
    (key) => {
      throw new BodyError(400, 'key-twice', `the webhook payload has the key ${key} twice`);
    },
    tooMany('the webhook payload'),
  );
  private readonly issue = new EnvelopeLevel(
    ['id', 'name', 'issue_name', 'issueName', 'elements'],
    (key) => {
      this.issueKeyTwice ??= key; // a fault of issue-exported alone, and the event may come later
    },
    tooMany('the issue'),
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
  /** Where the element that is being read began; -1: none is. */
  private elementStart = -1;
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkStart = 0;
  private failed: { readonly reason: unknown } | undefined;

  /** @param onElement told each element's bytes, in order; the bytes are valid only during the call. */
  constructor(private readonly onElement?: (index: number, bytes: Buffer) => void) {}

  /** The chunk's memory may be used again after the call. @throws {BodyError} at the first fault, and again whenever called after it. */
  push(chunk: Uint8Array): void {
    this.orFailed(() => {
      this.chunk = chunk;
      this.chunkStart = this.scanner.offset;
      this.scanner.push(chunk);
      this.checkElementSize(this.scanner.offset);
      this.texts.keep(chunk, this.chunkStart);
      this.elementBytes.keep(chunk, this.chunkStart);
    });
  }

  /** @throws {BodyError} when the text is not whole. */
  end(): EnvelopeFacts {
    this.orFailed(() => this.scanner.end());
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
      throw new BodyError(413, 'too-many-elements', `the issue has more than ${maxElements} elements`);
    this.elementStart = start;
    this.scanner.tellDepth = this.elements === 0 ? insideElementDepth : elementDepth;
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
      413,
      'element-too-large',
      `element ${this.elements} of the issue is larger than ${maxElementBytes} bytes`,
    );
  }

  private captured(capture: Capture, end: number): Buffer | undefined {
    return capture.take(this.chunk, this.chunkStart, end);
  }

  /** After a fault nothing that is read means anything: whoever goes on is told the same fault. */
  private orFailed(act: () => void): void {
    if (this.failed) throw this.failed.reason;
    try {
      act();
    } catch (error) {
      this.failed = { reason: error };
      throw error;
    }
  }
}

function tooMany(what: string): (most: number) => never {
  return (most) => {
    throw new BodyError(400, 'too-many-keys', `${what} has more than ${most} keys that nobody knows`);
  };
}
