/** Connections at once, at most: far more than the senders of one organisation have, and little memory. */
const usual = 1000;
/** Open files that the process needs for itself: Node, gRPC, log, and the folders it syncs. */
const ownFiles = 64;

/**
 * How many connections this process can hold so that each of them can also have its temp file: an upload that cannot open it would be
 * refused while idle connections keep their places.
 */
export function mostConnections(openFiles: number = openFilesLimit()): number {
  return Math.max(10, Math.min(usual, Math.floor((openFiles - ownFiles) / 2)));
}

/** Node raises the soft limit to the hard one when it starts, so this is what counts; Windows has no such limit. */
function openFilesLimit(): number {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = Number(userLimits?.open_files?.soft); // 'unlimited' is not a number
  return Number.isFinite(soft) ? soft : Infinity;
}
