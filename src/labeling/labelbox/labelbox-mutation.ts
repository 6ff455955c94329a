import { parse, type OperationDefinitionNode } from 'graphql';

/**
 * The mutation of Aquarium's webhook guide: deletes the labels and puts their data rows back in the queue,
 * the old shapes as templates. The guide's selection is lost; `count` is what Labelbox is remembered to
 * answer.
 */
export const bulkDeleteLabels = `mutation BulkDeleteLabels($projectId: ID!, $makeTemplates: Boolean = true, $labelIds: [ID!]) {
  project(where: { id: $projectId }) {
    bulkDeleteLabels(where: { id_in: $labelIds }, makeTemplates: $makeTemplates, waitForQueue: true) {
      count
    }
  }
}`;

/** What is wrong with the text of a configured mutation, as sentences; empty when it can be sent. */
export function findMutationFaults(text: string): string[] {
  const operations = parseOperations(text);
  if (typeof operations === 'string') return [`The configured mutation is not GraphQL: ${operations}`];
  const [operation] = operations;
  if (operations.length !== 1 || operation?.operation !== 'mutation')
    return ['The configured GraphQL text must hold one mutation and no other operation.'];
  const taken = variableNames(operation);
  return ['projectId', 'labelIds']
    .filter((name) => !taken.has(name))
    .map((name) => `The configured mutation does not take the variable $${name}.`);
}

/** Whether the mutation declares `$makeTemplates`: some servers refuse a variable that nobody declared. */
export function takesMakeTemplates(text: string): boolean {
  const operations = parseOperations(text);
  return (
    typeof operations !== 'string' &&
    operations.some((operation) => variableNames(operation).has('makeTemplates'))
  );
}

/** The operations of a GraphQL text, or the parser's sentence. */
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
