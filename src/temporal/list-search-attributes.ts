import type { Connection } from '@temporalio/client';

/** The type names that the Temporal CLI uses, in the order of `IndexedValueType`. */
const typeNames = ['none', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];

/** @returns the type of each search attribute in the namespace, by attribute name. */
export async function listSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<Readonly<Record<string, string>>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.fromEntries(
    Object.entries(customAttributes as Record<string, number>).map(([name, type]) => [
      name,
      typeNames[type] ?? `type ${type}`,
    ]),
  );
}
