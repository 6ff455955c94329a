/** Signals within this time are one: under `npm run`, Ctrl-C comes from the terminal and again from npm. */
const sameSignalMs = 500;

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once, with exit code 1. */
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
