/** Ctrl-C under `npm run` comes twice: from the terminal, and passed on by npm within milliseconds. */
const oneSignalMs = 500;

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    let firstAt: number | undefined;
    const onSignal = () => {
      if (firstAt !== undefined && performance.now() - firstAt > oneSignalMs) process.exit(1);
      firstAt ??= performance.now();
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}
