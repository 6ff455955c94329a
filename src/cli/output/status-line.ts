import { clearLine, cursorTo } from 'node:readline';
import { type Output, writeLines } from './streams';

/** The last line of a terminal, written again and again. The cursor is never hidden: whatever ends the process leaves it as it was. */
export class StatusLine {
  private shown = '';

  constructor(private readonly stream: Output) {}

  /** Replaces the line. A terminal breaks a line that fills its width, so it is cut. */
  show(text: string): void {
    this.shown = text.slice(0, (this.stream.columns ?? 80) - 1);
    this.clear();
    this.stream.write(this.shown);
  }

  /** Writes a line that stays, above. */
  above(text: string, stream: Output = this.stream): void {
    this.clear();
    writeLines(stream, [text]);
    this.stream.write(this.shown);
  }

  end(): void {
    this.stream.write('\n');
  }

  private clear(): void {
    cursorTo(this.stream, 0);
    clearLine(this.stream, 0);
  }
}
