import {
  type DocumentNode,
  type FieldNode,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { maxAnswerLevels } from './answer-evidence';
import { fieldMeaning } from './answer-fields';

/**
 * The mutation from Aquarium's webhook guide. It deletes the labels, puts their data rows back into
 * Labelbox's queue, and keeps the old shapes as templates. The guide's selection set is lost. `count` in its
 * place is from memory.
 */
export const bulkDeleteLabels = `mutation BulkDeleteLabels($projectId: ID!, $makeTemplates: Boolean = true, $labelIds: [ID!]) {
  project(where: { id: $projectId }) {
    bulkDeleteLabels(where: { id_in: $labelIds }, makeTemplates: $makeTemplates, waitForQueue: true) {
      count
    }
  }
}`;

/** Returns a sentence for each fault in a configured mutation; an empty list when it can be sent. */
export function findMutationFaults(text: string): string[] {
  const document = parseDocument(text);
  if (typeof document === 'string') return [`The configured mutation is not valid GraphQL: ${document}`];
  const operations = findOperations(document);
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== 'mutation')
    return ['The configured GraphQL text must contain exactly one mutation and no other operation.'];
  const declared = variableNames(operation);
  const undeclared = ['projectId', 'labelIds']
    .filter((name) => !declared.has(name))
    .map((name) => `The configured mutation does not declare the variable $${name}.`);
  if (undeclared.length > 0) return undeclared;
  return canConfirm(operation.selectionSet, document) ? [] : [cannotConfirm];
}

const cannotConfirm =
  'The answer to the configured mutation cannot confirm any label, so every label would end as unconfirmed: select a count, a list of ids or a boolean, and name it count, deletedLabelIds or success (with an alias if needed).';

/** `$makeTemplates` may be sent only if it is declared, because some servers refuse undeclared variables. */
export function declaresMakeTemplates(text: string): boolean {
  const document = parseDocument(text);
  return (
    typeof document !== 'string' &&
    findOperations(document).some((operation) => variableNames(operation).has('makeTemplates'))
  );
}

/** Returns the parser's message when the text is not GraphQL. */
function parseDocument(text: string): DocumentNode | string {
  try {
    return parse(text, { noLocation: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function findOperations({ definitions }: DocumentNode): OperationDefinitionNode[] {
  return definitions.filter((definition) => definition.kind === 'OperationDefinition');
}

/**
 * Whether the selected fields include one that can confirm labels. Only a schema has the types, so the names
 * decide, as they do when an answer is read.
 * @param parent response key of the field that the selection belongs to.
 */
function canConfirm(
  selection: SelectionSetNode,
  document: DocumentNode,
  parent = '',
  levels = maxAnswerLevels,
): boolean {
  if (levels === 0) return false; // an answer is not read any deeper; a fragment may also contain itself
  const fields = listFields(selection, document);
  return fields.some((field) => {
    const key = responseKey(field);
    const meaning = fieldMeaning(key);
    if (meaning === 'trouble') return false;
    if (field.selectionSet) return canConfirm(field.selectionSet, document, key, levels - 1);
    if (key === 'id' || key === 'labelId') return isIdAlone(fields) && fieldMeaning(parent) !== undefined;
    return meaning !== undefined;
  });
}

/** A list of objects confirms labels only if the objects have nothing but their id. */
function isIdAlone(fields: readonly FieldNode[]): boolean {
  return fields.filter((field) => responseKey(field) !== '__typename').length === 1;
}

/** The fields of a selection, with those of its fragments. GraphQL forbids fragments that contain themselves. */
function listFields(
  { selections }: SelectionSetNode,
  document: DocumentNode,
  open: readonly string[] = [],
): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === 'Field') return [selection];
    if (selection.kind === 'InlineFragment') return listFields(selection.selectionSet, document, open);
    const name = selection.name.value;
    if (open.includes(name)) return []; // the parser alone does not refuse a fragment that contains itself
    return document.definitions.flatMap((definition) =>
      definition.kind === 'FragmentDefinition' && definition.name.value === name
        ? listFields(definition.selectionSet, document, [...open, name])
        : [],
    );
  });
}

function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

function variableNames(operation: OperationDefinitionNode): Set<string> {
  return new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
}
