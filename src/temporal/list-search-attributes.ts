import type { Connection } from '@temporalio/client';

/** As the Temporal CLI names the types, in the order of `IndexedValueType`. */
const typeNames = ['none', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];

/** The search attributes that were registered in a namespace, each with the name of its type. */
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
