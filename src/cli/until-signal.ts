/**
 * Signals within this time, in ms, count as one. Under `npm run`, Ctrl-C arrives from the terminal and again
 * from npm.
 */
const sameSignalMs = 500;

/** Resolves at the first SIGINT or SIGTERM. A second signal exits the process immediately, with code 1. */
export async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    let firstAt: number | undefined;
    const onSignal = () => {
      if (firstAt !== undefined && performance.now() - firstAt > sameSignalMs) process.exit(1);
      firstAt ??= performance.now();
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}
