import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import type { SearchAttributeName } from '../../domain/search-attributes';
import { nameBytes } from '../../domain/limits';
import { cutToBytes } from '../../text/cut';

/** A Keyword attribute. Its value is truncated to 200 bytes. */
export function keywordPair(name: SearchAttributeName, value: string): SearchAttributePair {
  return {
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value: cutToBytes(value, nameBytes),
  };
}

export function labelCountPair(
  name: 'ExportLabels' | 'ExportLabelsDone',
  value: number,
): SearchAttributePair {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.INT), value };
}
