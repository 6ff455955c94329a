/** Maximum connections. Far more than one organisation's senders open, and they need little memory. */
const usualMax = 1000;
/** Open files reserved for the process itself: Node, gRPC, the log, and the folders that it syncs. */
const reservedFiles = 64;

/**
 * Computes how many connections this process can hold if each also needs a temp file, as an upload does.
 * Without this limit, idle connections could use all open files, and uploads would fail with EMFILE.
 */
export function maxConnections(openFiles: number = openFilesLimit()): number {
  return Math.max(10, Math.min(usualMax, Math.floor((openFiles - reservedFiles) / 2)));
}

/** Reads the soft limit, which Node raises to the hard limit when it starts. Windows has no such limit. */
function openFilesLimit(): number {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = Number(userLimits?.open_files?.soft); // 'unlimited' becomes NaN
  return Number.isFinite(soft) ? soft : Infinity;
}
