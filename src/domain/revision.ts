/** The length of a revision in keys, messages and the API: the first digits of the body's sha256. */
const shortLength = 12;

/** @returns the first 12 digits of a sha256, or of a revision. */
export function shortRevision(sha256: string): string {
  return sha256.slice(0, shortLength);
}

export function isShortRevision(value: unknown): value is string {
  return isRevision(value) && value.length === shortLength;
}

/** A person or a message gives a revision as 12 or 64 lower-case hex digits. */
export function isRevision(value: unknown): value is string {
  return typeof value === 'string' && /^([0-9a-f]{12}|[0-9a-f]{64})$/.test(value);
}

/** True if a decision about `revision` is about the body with this sha256. */
export function isAbout(revision: string, sha256: string): boolean {
  return isRevision(revision) && sha256.startsWith(revision);
}
