import { createHash } from 'node:crypto';

/** @throws {Error} when the bytes are not the pinned file, e.g. because they are changed or incomplete. */
export function checkHash(bytes: Uint8Array, expected: string, what: string): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected)
    throw new Error(
      `${what} is not the pinned file: expected sha256 ${expected}, got ${actual}; it is not used.`,
    );
}
