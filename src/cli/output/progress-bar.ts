const cells = 20;

/** `[#####...............]`; plain characters, so that it has the same width everywhere. Empty while nothing is planned. */
export function progressBar(done: number, planned: number): string {
  if (planned <= 0) return '';
  const filled = Math.min(cells, Math.floor((done / planned) * cells));
  return `[${'#'.repeat(filled)}${'.'.repeat(cells - filled)}]`;
}
