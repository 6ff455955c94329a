import { parse, type OperationDefinitionNode } from 'graphql';

/**
 * The mutation of Aquarium's webhook guide. It deletes the labels, puts their data rows back into the queue,
 * and keeps the old shapes as templates. The guide's selection is lost; that Labelbox answers `count` is from
 * memory.
 */
export const bulkDeleteLabels = `mutation BulkDeleteLabels($projectId: ID!, $makeTemplates: Boolean = true, $labelIds: [ID!]) {
  project(where: { id: $projectId }) {
    bulkDeleteLabels(where: { id_in: $labelIds }, makeTemplates: $makeTemplates, waitForQueue: true) {
      count
    }
  }
}`;

/** Sentences about what is wrong with a configured mutation; empty when it can be sent. */
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

/** Send `$makeTemplates` only when the mutation declares it: some servers refuse undeclared variables. */
export function takesMakeTemplates(text: string): boolean {
  const operations = parseOperations(text);
  return (
    typeof operations !== 'string' &&
    operations.some((operation) => variableNames(operation).has('makeTemplates'))
  );
}

/** Returns the message of the parser when the text is not GraphQL. */
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
