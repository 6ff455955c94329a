import { Capture } from './capture';
import { JsonScanner, type JsonType, type ScanListener } from './json-scanner';

/** Bytes `[start, end)` of a value. */
export interface ValueRange {
  readonly start: number;
  readonly end: number;
}

/** The number of containers around a key of the envelope, and around a key of the issue. */
const envelopeDepth = 1;
const issueDepth = 2;
/**
 * Maximum bytes of a key. `issue` and `id` fit even when every character is escaped; a longer key is neither.
 */
const maxKeyBytes = 64;

/**
 * Finds the value of `issue.id` in a delivery, whatever the order of its keys. Uses constant memory and stops
 * reading once it has the value.
 * @returns undefined when the delivery has no `issue.id`.
 * @throws {BodyError} when the bytes that it read are not JSON.
 */
export async function issueIdRange(chunks: AsyncIterable<Uint8Array>): Promise<ValueRange | undefined> {
  const finder = new IssueIdFinder();
  for await (const chunk of chunks) {
    finder.push(chunk);
    if (finder.found) return finder.found;
  }
  finder.end();
  return finder.found;
}

class IssueIdFinder implements ScanListener {
  found: ValueRange | undefined;
  private readonly scanner = new JsonScanner(this, issueDepth);
  private readonly capture = new Capture();
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkStart = 0;
  private key = '';
  private inIssue = false;
  private start = -1;

  push(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.chunkStart = this.scanner.offset;
    this.scanner.push(chunk);
    this.capture.keep(chunk, this.chunkStart);
  }

  end(): void {
    this.scanner.end();
  }

  keyStart(_depth: number, start: number): void {
    this.capture.begin(start, maxKeyBytes);
  }

  keyEnd(_depth: number, end: number): void {
    const bytes = this.capture.take(this.chunk, this.chunkStart, end);
    this.key = bytes ? (JSON.parse(bytes.toString('utf8')) as string) : '';
  }

  valueStart(depth: number, type: JsonType, start: number): void {
    if (depth === envelopeDepth) this.inIssue = this.key === 'issue' && type === 'object';
    if (depth === issueDepth && this.inIssue && this.key === 'id' && !this.found) this.start = start;
  }

  valueEnd(depth: number, end: number): void {
    if (depth !== issueDepth || this.start < 0) return;
    this.found = { start: this.start, end };
    this.start = -1;
  }
}
