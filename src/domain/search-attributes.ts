/** Search attributes of the `ExportIssue` workflow and their types; registered by `temporal/ensure-search-attributes.ts`. */
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
