import { clearLine, cursorTo } from 'node:readline';
import { type Output, writeLines } from './streams';

/** The last line of a terminal, rewritten in place. The cursor stays visible, even after a kill. */
export class StatusLine {
  private shown = '';

  constructor(private readonly stream: Output) {}

  /** Replaces the line. Truncates it below the terminal's width, because a line that fills it would wrap. */
  show(text: string): void {
    this.shown = text.slice(0, (this.stream.columns ?? 80) - 1);
    this.clear();
    this.stream.write(this.shown);
  }

  /** Writes a permanent line above the status line. */
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
