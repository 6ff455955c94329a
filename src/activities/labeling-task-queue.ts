/** Task queue of `relabelChunk` for a destination: rates and calls in flight are held per queue. */
export function labelingTaskQueue(destination: string): string {
  return `labeling-${destination}`;
}
