import { clock } from '../clock/clock';

/**
 * Runs `work` with a time-out. Does not cancel `work` when it times out.
 * @throws the error that `late` returns when `work` takes longer than `ms`.
 */
export async function withinMs<T>(ms: number, late: () => Error, work: () => Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const tooLate = new Promise<never>((_, reject) => {
    cancel = clock.after(ms, () => reject(late()));
  });
  try {
    return await Promise.race([work(), tooLate]);
  } finally {
    cancel();
  }
}
