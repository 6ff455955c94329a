import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPlant } from './find-plant';
import { plantChange } from './plant';
import { projectRoot } from './planted-copy';
import { plants } from './plants';

describe('The planted faults', () => {
  it.each(plants)('$name fits the source', ({ name, changes }) => {
    for (const change of changes) {
      const source = readFileSync(join(projectRoot, change.file), 'utf8');
      expect(plantChange(name, change, source)).not.toBe(source);
    }
  });

  it.each(plants)('$name names invariants that exist', ({ foundBy }) => {
    for (const name of foundBy) expect(existsSync(join(__dirname, `../invariants/${name}.ts`))).toBe(true);
  });

  it('a plant whose text is not in the source says so', () => {
    const change = { file: 'src/worker.ts', before: 'return true;', after: 'return false;' };
    expect(() => plantChange('always-false', change, 'return 1;')).toThrow(
      'The planted fault always-false no longer fits: expected its text once in src/worker.ts, found it 0 times.',
    );
  });

  it('a plant whose text is in the source twice says so', () => {
    const change = { file: 'src/worker.ts', before: 'return true;', after: 'return false;' };
    expect(() => plantChange('always-false', change, 'return true;\nreturn true;')).toThrow(
      'expected its text once in src/worker.ts, found it 2 times',
    );
  });

  it('the simulation finds an ignored upTo', async () => {
    const plant = plants.find(({ name }) => name === 'up-to-ignored')!;
    const { found } = await findPlant(plant, { from: 1, seeds: 200 });
    expect(plant.foundBy).toContain(found?.violation.split(':')[0]);
  }, 300_000); // two cores may be shared with other tests
});
