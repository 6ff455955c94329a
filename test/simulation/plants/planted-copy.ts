import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Plant, plantChange } from './plant';

export const projectRoot = resolve(__dirname, '../../..');

/** What the simulation runs from. */
const copied = ['src', 'test/simulation', 'test/support', 'tsconfig.json', 'package.json'];

/** Runs `work` with a copy of the project that has the fault, and removes the copy. */
export async function withPlantedCopy<T>(plant: Plant, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'requeue-plant-'));
  try {
    for (const path of copied) cpSync(join(projectRoot, path), join(folder, path), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
    for (const change of plant.changes) {
      const path = join(folder, change.file);
      writeFileSync(path, plantChange(plant.name, change, readFileSync(path, 'utf8')));
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
