import { pluralize } from '../../src/text/pluralize';

it('pluralize uses the singular for 1 only', () => {
  expect([0, 1, 2, 1000].map((count) => pluralize(count, 'label'))).toEqual([
    '0 labels',
    '1 label',
    '2 labels',
    '1,000 labels',
  ]);
});
