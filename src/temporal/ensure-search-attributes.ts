import type { Connection } from '@temporalio/client';
import { searchAttributeTypes } from '../domain/search-attributes';
import { listSearchAttributes } from './list-search-attributes';

/** Temporal's `IndexedValueType`. */
const indexedValueTypes = { Keyword: 2, Int: 3 } as const;

/**
 * Registers the missing search attributes. Then lists them again, because Temporal silently accepts a second
 * registration, even with another type.
 * @throws {Error} when an attribute has the wrong type. The message contains its name and the command that
 *   fixes it.
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const existing = await listSearchAttributes(connection, namespace);
  const missing = Object.entries(searchAttributeTypes).filter(([name]) => existing[name] === undefined);
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(
      missing.map(([name, type]) => [name, indexedValueTypes[type]]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  const now = missing.length > 0 ? await listSearchAttributes(connection, namespace) : existing;
  for (const [name, type] of Object.entries(searchAttributeTypes)) {
    if (now[name] === type) continue;
    throw new Error(
      `Search attribute ${name} of namespace ${namespace} has the wrong type: expected ${type}, got ${now[name] ?? 'none'}. ` +
        `Remove it ("temporal operator search-attribute remove --name ${name}"), then start again.`,
    );
  }
}
