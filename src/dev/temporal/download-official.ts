import { formatDuration } from '../../text/duration';
import { gunzipSync } from 'node:zlib';

export interface OfficialDownload {
  readonly url: string;
  /** The program's file name in the archive. */
  readonly command: string;
  readonly fetchBytes?: (url: string) => Promise<Uint8Array>;
}

/** Short, because many networks block this request, and pip is tried next. */
const answerTimeoutMs = 5000;
/** Long enough for 50 MB over a slow connection. */
const downloadTimeoutMs = 180_000;

/** Downloads the official tar.gz and extracts the program. */
export async function downloadOfficial({
  url,
  command,
  fetchBytes = fetchAll,
}: OfficialDownload): Promise<Uint8Array> {
  const archive = Buffer.from(await fetchBytes(url));
  // `fetch` has already decompressed the archive if its Content-Encoding was gzip.
  const isGzip = archive[0] === 0x1f && archive[1] === 0x8b;
  return extractFromTar(isGzip ? gunzipSync(archive) : archive, command);
}

async function fetchAll(url: string): Promise<Uint8Array> {
  const abort = new AbortController();
  const unanswered = setTimeout(
    () => abort.abort(new Error(`no answer within ${formatDuration(answerTimeoutMs, 'seconds')}`)),
    answerTimeoutMs,
  );
  const unfinished = setTimeout(
    () => abort.abort(new Error(`not finished within ${formatDuration(downloadTimeoutMs, 'seconds')}`)),
    downloadTimeoutMs,
  );
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(unanswered);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    // fetch's own message is only "fetch failed", without a reason.
    throw new Error(cause instanceof Error ? cause.message : message, { cause: error });
  } finally {
    clearTimeout(unanswered);
    clearTimeout(unfinished);
  }
}

const block = 512;

/** @returns the first entry with that file name, in any folder of the archive. */
function extractFromTar(tar: Buffer, name: string): Uint8Array {
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    const path = headerText(header, 0, 100);
    if (!path) break;
    const size = Number.parseInt(headerText(header, 124, 12), 8);
    if (!(size >= 0)) break;
    if (path.split('/').pop() === name) return tar.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
  }
  throw new Error(`the archive has no ${name}`);
}

function headerText(header: Buffer, at: number, length: number): string {
  return header
    .subarray(at, at + length)
    .toString('latin1')
    .replace(/\0.*$/s, '')
    .trim();
}
