import { csvHeader, csvRowOfLabel, csvRowOfLeftOut } from '../../src/activities/report/csv-columns';
import type { ReportedLabel } from '../../src/activities/report/reported-labels';
import type { LeftOut } from '../../src/domain/plan';

const label: ReportedLabel = {
  position: 7,
  labelId: 'label-7',
  elementId: 'element-7',
  element: 6,
  className: 'car',
  elementCount: 2,
  elements: [
    { element: 6, elementId: 'element-7' },
    { element: 9, elementId: 'a,"b"' },
  ],
  outcome: 'refused',
  repeated: true,
  reason: 'The project is archived.',
  at: '2026-01-02T03:04:05.000Z',
  chunk: '0-10',
  decision: 'ann (token)',
};

it('The row of a label has a cell under every name of the header', () => {
  expect(csvHeader()).toBe(
    'position,label_id,element_id,element,class,outcome,repeated,reason,at,chunk,decision,element_count,elements,element_ids\r\n',
  );
  expect(csvRowOfLabel(label)).toBe(
    '7,label-7,element-7,6,car,refused,true,The project is archived.,2026-01-02T03:04:05.000Z,0-10,ann (token),2,"[6,9]","[""element-7"",""a,\\""b\\""""]"\r\n',
  );
});

it('The row of a left-out element has its reason, and empty cells where only a label has a value', () => {
  const line: LeftOut = {
    element: 3,
    elementId: 'element-3',
    labelId: 'label-7',
    position: 7,
    reason: 'same-label',
    detail: 'Why.',
  };
  expect(csvRowOfLeftOut(line)).toBe(',label-7,element-3,3,,left-out,false,same-label: Why.,,,,,,\r\n');
});
