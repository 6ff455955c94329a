const cells = 20;

/** `[#####...............]`, in ASCII, so that its width is always the same. Empty without planned labels. */
export function progressBar(done: number, planned: number): string {
  if (planned <= 0) return '';
  const filled = Math.min(cells, Math.floor((done / planned) * cells));
  return `[${'#'.repeat(filled)}${'.'.repeat(cells - filled)}]`;
}
