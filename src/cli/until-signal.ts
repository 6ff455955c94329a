/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export async function untilSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    let first = true;
    const onSignal = () => {
      if (!first) process.exit(1);
      first = false;
      resolve();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}
