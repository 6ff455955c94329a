interface StoredReceipt {
  readonly repeated: boolean;
  readonly items: readonly { readonly labelId: string; readonly outcome: string }[];
}

/** The strongest first. */
const strength = ['relabeled', 'already-gone', 'refused', 'unconfirmed'];

/**
 * Promise: an attempt that ends late takes nothing back that another one has written down.
 * @returns a sentence about what the new receipt no longer says; undefined when it says at least what the one before
 *   it said, or when that one cannot be read.
 */
export function findLossInReceipt(
  key: string,
  before: Buffer | undefined,
  after: Buffer,
  hasReport: boolean,
): string | undefined {
  if (!/\/receipts\/\d+-\d+\.json$/.test(key) || !before) return undefined;
  const [earlier, later] = [readReceipt(before), readReceipt(after)];
  if (!earlier || !later) return undefined;
  if (hasReport && !before.equals(after)) return `${key} was replaced after its report was written.`;
  if (earlier.repeated && !later.repeated) return `${key} no longer says that its labels were sent twice.`;
  const weaker = earlier.items.find(
    ({ outcome }, at) => strength.indexOf(outcome) < strength.indexOf(later.items[at]?.outcome ?? ''),
  );
  return weaker && `${key} no longer says that label ${weaker.labelId} was ${weaker.outcome}.`;
}

function readReceipt(bytes: Buffer): StoredReceipt | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as StoredReceipt;
  } catch {
    return undefined;
  }
}
