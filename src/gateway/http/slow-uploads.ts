import type { UploadWatch } from './upload-rate';

/** Slow ones at once, at most. Each holds a connection, a temp file and up to 1 MiB in memory, for as long as its sender likes. */
const usualMost = 200;

/**
 * The uploads that are slow now. When there are too many, the slowest makes room: many slow senders at once are an attack or a broken
 * proxy, and neither may keep out those that send. Fast uploads are not counted: they end by themselves.
 */
export class SlowUploads {
  private readonly slow = new Map<UploadWatch, () => void>();

  constructor(private readonly most: number = usualMost) {}

  /** Looks at an upload that was waited for; `end` is called when it is the one that has to go. */
  look(upload: UploadWatch, end: () => void): void {
    if (!upload.isSlow) return void this.slow.delete(upload);
    this.slow.set(upload, end);
    if (this.slow.size > this.most) this.endSlowest();
  }

  /** The upload ended. */
  forget(upload: UploadWatch): void {
    this.slow.delete(upload);
  }

  private endSlowest(): void {
    const [slowest, end] = [...this.slow].reduce((a, b) => (b[0].bytesPerMs < a[0].bytesPerMs ? b : a));
    this.slow.delete(slowest);
    end();
  }
}
