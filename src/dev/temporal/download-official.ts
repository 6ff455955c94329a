import { gunzipSync } from 'node:zlib';

export interface OfficialDownload {
  readonly url: string;
  /** File name of the program in the archive. */
  readonly command: string;
  readonly fetchBytes?: (url: string) => Promise<Uint8Array>;
}

/** No answer after this: many networks let no such request out, and there is another way. */
const answerMs = 5000;
/** For all 50 MB. */
const wholeMs = 180_000;

/** The program out of the official tar.gz. */
export async function downloadOfficial({
  url,
  command,
  fetchBytes = fetchWhole,
}: OfficialDownload): Promise<Uint8Array> {
  const archive = Buffer.from(await fetchBytes(url));
  const tar = archive[0] === 0x1f && archive[1] === 0x8b ? gunzipSync(archive) : archive; // `fetch` unpacks one that is marked as Content-Encoding
  return fileInTar(tar, command);
}

async function fetchWhole(url: string): Promise<Uint8Array> {
  const abort = new AbortController();
  const unanswered = setTimeout(
    () => abort.abort(new Error(`no answer within ${answerMs / 1000} s`)),
    answerMs,
  );
  const unfinished = setTimeout(
    () => abort.abort(new Error(`not finished within ${wholeMs / 1000} s`)),
    wholeMs,
  );
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(unanswered);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(cause instanceof Error ? cause.message : message, { cause: error }); // "fetch failed" alone helps nobody
  } finally {
    clearTimeout(unanswered);
    clearTimeout(unfinished);
  }
}

const block = 512;

/** The first regular file of that name, in whatever folder of the archive. */
function fileInTar(tar: Buffer, name: string): Uint8Array {
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
