import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Stage } from '../../src/domain/stage';
import { filterConditions } from '../../src/gateway/api/list/filter-conditions';
import { createLinks } from '../../src/gateway/links';

const links = createLinks({
  publicUrl: 'https://requeue.example/',
  uiUrl: 'http://localhost:8233/',
  namespace: 'default',
});

it('The links by stage in README are those of the page, and describe their query', () => {
  const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
  const shown = [...readme.matchAll(/^- \[[^\]]+\]\((\S+\?query=\S+)\): `(.+)`$/gm)].map(
    ([, address, query]) => ({ address, query }),
  );
  const stages: Stage[] = ['awaiting-approval', 'paused', 'sending', 'completed-with-problems'];
  expect(shown).toEqual(
    stages.map((stage) => {
      const conditions = filterConditions({ stage });
      return { address: links.temporalList(conditions), query: conditions.join(' AND ') };
    }),
  );
});

it('A name in a link to Temporal’s list stays one value, whatever it contains', () => {
  const project = `it's mine & more #1`;
  const address = new URL(links.temporalList(filterConditions({ project })));
  expect(address.pathname).toBe('/namespaces/default/workflows');
  expect([...address.searchParams]).toEqual([['query', `AquariumProject = 'it''s mine & more #1'`]]);
  expect(address.hash).toBe('');
});
