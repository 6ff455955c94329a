import { createHash } from 'node:crypto';

/** @throws when the bytes are not the ones that were pinned: a changed, torn or wrong file. */
export function checkHash(bytes: Uint8Array, expected: string, what: string): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== expected)
    throw new Error(
      `${what} is not the pinned file: expected sha256 ${expected}, got ${actual}; it is not used.`,
    );
}
