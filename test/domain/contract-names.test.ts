import * as limits from '../../src/domain/limits';
import { problemReasons } from '../../src/domain/plan';
import { searchAttributeTypes } from '../../src/domain/search-attributes';
import { allStages, isOpenStage, isOutcome } from '../../src/domain/stage';

const open = ['preparing', 'awaiting-approval', 'sending', 'paused'];
const ended = [
  'completed',
  'completed-with-problems',
  'rejected',
  'expired',
  'superseded',
  'cancelled',
  'failed',
];

it('An export is open in four stages and ends in seven; saved searches and links name them', () => {
  expect(allStages).toEqual([...open, ...ended]);
  expect(allStages.filter(isOpenStage)).toEqual(open);
  expect(allStages.filter(isOutcome)).toEqual(ended);
  expect([isOpenStage('held'), isOutcome('held'), isOpenStage(''), isOutcome('')]).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

it('An element that could not be read or matched is a problem; one that the route or an earlier export leaves out is not', () => {
  expect([...problemReasons]).toEqual(['unmatched-crop', 'inference', 'missing-label-id', 'invalid']);
});

it('Search attributes keep the names and types that namespaces have registered', () => {
  expect(searchAttributeTypes).toEqual({
    AquariumIssueId: 'Keyword',
    AquariumIssueName: 'Keyword',
    AquariumProject: 'Keyword',
    ExportStage: 'Keyword',
    ExportDestination: 'Keyword',
    ExportLabels: 'Int',
    ExportLabelsDone: 'Int',
  });
});

it('The limits of a delivery keep their values', () => {
  expect(limits).toMatchObject({
    maxElements: 2_000_000,
    maxElementBytes: 4_194_304,
    maxDepth: 64,
    maxIssueIdBytes: 2048,
    maxVerbatimIssueIdBytes: 200,
    nameBytes: 200,
  });
});
