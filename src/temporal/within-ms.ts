/**
 * Runs `work` with a time-out. Does not cancel `work` when it times out.
 * @throws the error that `late` returns when `work` takes longer than `ms`.
 */
export async function withinMs<T>(ms: number, late: () => Error, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
