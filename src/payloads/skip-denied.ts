/**
 * Skips a file or folder that the user that runs Requeue may not read: in a list, one such name must not hide the
 * others. The doctor names it. Not for code that decides something, because the file may exist.
 * @returns undefined when the file system denies access.
 */
export async function skipDenied<T>(access: Promise<T>): Promise<T | undefined> {
  try {
    return await access;
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

export function isDenied(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'EACCES' || code === 'EPERM';
}
