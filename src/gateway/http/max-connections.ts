/** 1,000 connections: far more than the senders of one organisation open, and little memory. */
const usualMax = 1000;
/** 64 open files stay for the process itself: Node, gRPC, the log, and the folders that it syncs. */
const reservedFiles = 64;

/**
 * How many connections this process can hold if each also needs a file: an upload has a connection and a temp
 * file. Otherwise an upload would fail with EMFILE while idle connections hold all the files.
 */
export function maxConnections(openFiles: number = openFilesLimit()): number {
  return Math.max(10, Math.min(usualMax, Math.floor((openFiles - reservedFiles) / 2)));
}

/**
 * Node raises the soft limit to the hard limit when it starts, so the soft limit counts. Windows has no such
 * limit.
 */
function openFilesLimit(): number {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | string } };
  };
  const soft = Number(userLimits?.open_files?.soft); // 'unlimited' becomes NaN
  return Number.isFinite(soft) ? soft : Infinity;
}
