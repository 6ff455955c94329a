/** Search attributes of `ExportIssue`, with their types; `temporal/ensure-search-attributes.ts` registers them. */
export const searchAttributeTypes = {
  AquariumIssueId: 'Keyword',
  AquariumIssueName: 'Keyword',
  AquariumProject: 'Keyword',
  ExportStage: 'Keyword',
  ExportDestination: 'Keyword',
  ExportLabels: 'Int',
  ExportLabelsDone: 'Int',
} as const;

export type SearchAttributeName = keyof typeof searchAttributeTypes;
