import type { PlannedLabel } from '../../domain/plan';
import type { FurtherElements, NamingElement } from './further-elements';

/** Elements listed of a label. */
const mostElements = 100;
/** Characters of their ids as JSON, behind the first: a spreadsheet's cell holds 32,767. */
const mostIdText = 32_000;

/**
 * The elements that name a label, for its row in a report: how many, and the first of them.
 * @param label as the plan has it, with its first element; its element is below 0 when the plan's line is
 *   gone.
 * @param position of the label in the plan, from 0.
 */
export function listNamingElements(
  { element, elementId }: PlannedLabel,
  further: FurtherElements,
  position: number,
): { readonly elementCount: number; readonly elements: readonly NamingElement[] } {
  const first = element < 0 ? [] : [{ element, elementId }];
  const count = further.countOf(position);
  if (count === 0) return { elementCount: first.length, elements: first };
  return {
    elementCount: first.length + count,
    elements: [...first, ...further.of(position)].filter(withinBounds()),
  };
}

function withinBounds(): (element: NamingElement, at: number) => boolean {
  let text = 0;
  return ({ elementId }, at) => {
    text += JSON.stringify(elementId).length + 1; // and its comma
    return at === 0 || (at < mostElements && text <= mostIdText);
  };
}
