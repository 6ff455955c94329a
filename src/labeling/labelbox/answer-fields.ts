/**
 * What a field of an answer reports, by its response key. GraphQL's aliases let an operator give any field one
 * of these names.
 * - `count`: a number of labels, e.g. `count`, `deletedCount`.
 * - `ids`: a list of label ids, e.g. `ids`, `deletedLabelIds`.
 * - `done`: true, a number or a list about labels that were relabeled, e.g. `success`, `deleted`,
 *   `bulkDeleteLabels`.
 * - `trouble`: a failure, unless the field is empty, e.g. `failed`, `errorCodes`.
 */
export type FieldMeaning = 'count' | 'ids' | 'done' | 'trouble';

/**
 * Whole words for work that was done, and the names of mutations that do it. `processed` is none: a label can be
 * processed in vain. `deletable` and `deleting` are none: nothing is done yet.
 */
const doneWord = /^(deleted?|removed?|relabel(l?ed)?|requeued?|success|successful(ly)?|succeeded|ok|done)$/;
const troubleWord = /^(fail|error|invalid|reject|refus|denied|conflict|problem|skip|ignor|unsuccess)/;
const otherWord = /^(labels?|bulk|batch|is|was|were|all|number|num|of)$/;

/** Returns undefined for a name that Requeue does not know: such a field confirms nothing. */
export function fieldMeaning(key: string): FieldMeaning | undefined {
  const words = splitWords(key);
  if (words.some((word) => troubleWord.test(word))) return 'trouble';
  const isIds = /^ids?$/.test(words.at(-1) ?? '');
  const isCount = words.at(-1) === 'count';
  const rest = isIds || isCount ? words.slice(0, -1) : words;
  if (!rest.every((word) => doneWord.test(word) || otherWord.test(word))) return undefined;
  if (isIds) return 'ids';
  if (key !== 'count' && !rest.some((word) => doneWord.test(word))) return undefined; // `labelCount` may count all labels of the project
  return isCount ? 'count' : 'done';
}

/** `deletedLabelIds` and `deleted_label_ids` are both three words. */
function splitWords(key: string): string[] {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter((word) => word !== '');
}
