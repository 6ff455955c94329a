import type { Connection } from '@temporalio/client';
import { searchAttributeTypes } from '../domain/search-attributes';
import { listSearchAttributes } from './list-search-attributes';

/** Temporal's `IndexedValueType`. */
const indexedValueTypes = { Keyword: 2, Int: 3 } as const;

/**
 * Registers the search attributes that are missing. Lists and compares: adding one twice, even with another type, succeeds
 * silently. @throws an Error that names an attribute of another type.
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const there = await listSearchAttributes(connection, namespace);
  const missing = Object.entries(searchAttributeTypes).filter(([name]) => there[name] === undefined);
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(
      missing.map(([name, type]) => [name, indexedValueTypes[type]]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  const now = missing.length > 0 ? await listSearchAttributes(connection, namespace) : there;
  for (const [name, type] of Object.entries(searchAttributeTypes)) {
    if (now[name] === type) continue;
    throw new Error(
      `Search attribute ${name} of namespace ${namespace} is wrong: expected ${type}, got ${now[name] ?? 'none'}; ` +
        `remove it ("temporal operator search-attribute remove --name ${name}"), then start again.`,
    );
  }
}
