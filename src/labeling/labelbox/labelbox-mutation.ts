import { parse, type OperationDefinitionNode } from 'graphql';

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
  const operations = parseOperations(text);
  if (typeof operations === 'string') return [`The configured mutation is not valid GraphQL: ${operations}`];
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== 'mutation')
    return ['The configured GraphQL text must contain exactly one mutation and no other operation.'];
  const declared = variableNames(operation);
  return ['projectId', 'labelIds']
    .filter((name) => !declared.has(name))
    .map((name) => `The configured mutation does not declare the variable $${name}.`);
}

/** `$makeTemplates` may be sent only if it is declared, because some servers refuse undeclared variables. */
export function declaresMakeTemplates(text: string): boolean {
  const operations = parseOperations(text);
  return (
    typeof operations !== 'string' &&
    operations.some((operation) => variableNames(operation).has('makeTemplates'))
  );
}

/** Returns the parser's message when the text is not GraphQL. */
function parseOperations(text: string): OperationDefinitionNode[] | string {
  try {
    return parse(text, { noLocation: true }).definitions.filter(
      (definition) => definition.kind === 'OperationDefinition',
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function variableNames(operation: OperationDefinitionNode): Set<string> {
  return new Set(operation.variableDefinitions?.map(({ variable }) => variable.name.value));
}
