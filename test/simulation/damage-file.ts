import { createRandom, type Random } from '../support/seeded-random';
import type { Disk } from './disk';
import type { DamageKind } from './scenario';
import type { World } from './world';

/** Damages a file of the store. Does nothing when there is none that this can be done to. */
export function damageFile({ disk, trace, timeline }: World, kind: DamageKind, draw: number): void {
  const random = createRandom(draw);
  const key = chooseFile(disk, random, kind);
  const bytes = key === undefined ? undefined : disk.files.get(key);
  if (key === undefined || !bytes) return;
  const damage = changeOf(disk, random, kind, key, bytes);
  if (!damage || damage.bytes?.equals(bytes)) return;
  trace.add(timeline.now, `${key} ${damage.how}`);
  disk.damage(key, damage.how, damage.bytes);
}

interface Damage {
  readonly how: string;
  /** Undefined: the file is gone. */
  readonly bytes: Buffer | undefined;
}

function changeOf(
  disk: Disk,
  random: Random,
  kind: DamageKind,
  key: string,
  bytes: Buffer,
): Damage | undefined {
  switch (kind) {
    case 'damage-lose':
      return { how: 'is removed', bytes: undefined };
    case 'damage-tear': {
      const end = random.integer(0, Math.max(0, bytes.length - 1));
      return { how: `is cut after ${end} of ${bytes.length} bytes`, bytes: bytes.subarray(0, end) };
    }
    case 'damage-flip':
      return flip(random, bytes);
    case 'damage-older':
      return { how: 'is replaced with an earlier one', bytes: disk.earlier.get(key) };
    case 'damage-plan':
    case 'damage-swap': {
      const others = [...disk.files.keys()].filter((other) => other !== key && sortOf(other) === sortOf(key));
      if (others.length === 0) return undefined;
      const other = random.pick(others);
      return { how: `is replaced with ${other}`, bytes: disk.files.get(other) };
    }
  }
}

function flip(random: Random, bytes: Buffer): Damage | undefined {
  if (bytes.length === 0) return undefined;
  const changed = Buffer.from(bytes);
  const at = random.integer(0, bytes.length - 1);
  changed[at]! ^= 1 << random.integer(0, 7);
  return { how: `has a changed bit in byte ${at}`, bytes: changed };
}

/** First a sort of file, then one of that sort: there are many more receipts than plans. */
function chooseFile(disk: Disk, random: Random, kind: DamageKind): string | undefined {
  const able = [...disk.files.keys()].filter((key) => isAble(disk, kind, key));
  const sorts = [...new Set(able.map(sortOf))];
  if (sorts.length === 0) return undefined;
  const sort = random.pick(sorts);
  return random.pick(able.filter((key) => sortOf(key) === sort));
}

/** `damage-plan` is about the labels of a plan that may still be sent. */
function isAble({ files, earlier }: Disk, kind: DamageKind, key: string): boolean {
  if (kind === 'damage-older') return earlier.has(key);
  if (kind !== 'damage-plan') return true;
  return key.endsWith('/labels.ndjson') && !files.has(key.replace('labels.ndjson', 'report.json'));
}

/** E.g. `plan.json`, `receipts/.sent`, `inbox/.json`. */
function sortOf(key: string): string {
  const [folder = '', name = ''] = key.split('/').slice(-2);
  return isNamedByPlace(name) ? name : `${/^\d+$/.test(folder) ? '' : folder}/${name.replace(/^[^.]*/, '')}`;
}

function isNamedByPlace(name: string): boolean {
  return /^[a-z-]+\.(json|ndjson|index|csv|bin)$/.test(name);
}
