import type { PlannedLabel } from '../../domain/plan';
import { csvList } from './csv-line';
import type { OtherElements, NamingElement } from './other-elements';

/** Maximum elements in the row of a label; `elementCount` counts all of them. */
const maxElements = 100;
/**
 * Maximum characters of their ids as JSON: a spreadsheet cell holds 32,767. The first id is always listed.
 */
const maxIdCharacters = 32_000;

/**
 * Lists the elements that name a label, for its row in the report.
 * @param label of the plan, with the first element that names it; `element` is below 0 when the plan's line
 *   is unreadable.
 * @param position of the label in the plan, from 0.
 */
export function listNamingElements(
  { element, elementId }: PlannedLabel,
  others: OtherElements,
  position: number,
): { readonly elementCount: number; readonly elements: readonly NamingElement[] } {
  const first = element < 0 ? [] : [{ element, elementId }];
  const otherCount = others.countAt(position);
  if (otherCount === 0) return { elementCount: first.length, elements: first };
  return {
    elementCount: first.length + otherCount,
    elements: [...first, ...others.elementsAt(position)].filter(isWithinBounds()),
  };
}

function isWithinBounds(): (element: NamingElement, index: number) => boolean {
  let characters = 0;
  return ({ elementId }, index) => {
    characters += csvList([elementId]).length - 1; // without the brackets, with a comma
    return index === 0 || (index < maxElements && characters <= maxIdCharacters);
  };
}
