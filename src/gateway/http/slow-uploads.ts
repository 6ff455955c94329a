import type { UploadWatch } from './upload-rate';

/**
 * Maximum concurrent slow uploads. Each occupies a connection, a temp file and up to 1 MiB of memory for as
 * long as its sender likes.
 */
const usualMaxSlow = 200;

/**
 * The uploads that are slow now. Above the limit, the slowest is stopped: many slow senders at the same time
 * are an attack or a broken proxy, and must not keep out the fast ones. Fast uploads are not counted, because
 * they end soon.
 */
export class SlowUploads {
  private readonly slow = new Map<UploadWatch, () => void>();

  constructor(private readonly maxSlow: number = usualMaxSlow) {}

  /**
   * Call it after each wait for the sender.
   *
   * @param end is called when the upload is the slowest of too many, and stops it.
   */
  update(upload: UploadWatch, end: () => void): void {
    if (!upload.isSlow) return void this.slow.delete(upload);
    this.slow.set(upload, end);
    if (this.slow.size > this.maxSlow) this.endSlowest();
  }

  remove(upload: UploadWatch): void {
    this.slow.delete(upload);
  }

  private endSlowest(): void {
    const [slowest, end] = [...this.slow].reduce((a, b) => (b[0].bytesPerMs < a[0].bytesPerMs ? b : a));
    this.slow.delete(slowest);
    end();
  }
}
