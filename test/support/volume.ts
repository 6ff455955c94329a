import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PayloadStore, StagedPayload } from '../../src/payloads/payload-store';

/** A small disk that tests can fill, make read-only and unmount under a running gateway or worker. */
export interface Volume {
  readonly folder: string;
  /** The store to use on this volume: the given one, or a wrapper that simulates the disk's faults. */
  on(store: PayloadStore): PayloadStore;
  /** Fills it and leaves `leave` bytes free. */
  fill(leave?: number): void;
  free(): void;
  readOnly(): void;
  writable(): void;
  unmount(): void;
  mount(): void;
  /** False when the faults are simulated. */
  readonly real: boolean;
  remove(): void;
}

/**
 * Mounts a tmpfs (as root, on Linux). Where that is impossible, simulates the faults and prints so on stderr.
 */
export function openVolume(megabytes: number): Volume {
  const parent = mkdtempSync(join(tmpdir(), 'requeue-volume-'));
  const [disk, folder] = [join(parent, 'disk'), join(parent, 'folder')];
  mkdirSync(disk);
  mkdirSync(folder);
  if (run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk))
    return mountedVolume(parent, disk, folder, megabytes);
  process.stderr.write(
    '\n*** No file system can be mounted here: full, read-only and missing disks are simulated. ***\n\n',
  );
  return simulatedVolume(parent, folder);
}

function mountedVolume(parent: string, disk: string, folder: string, megabytes: number): Volume {
  const filler = join(disk, 'filler');
  const must = (...command: string[]): void => {
    if (!run(...command)) throw new Error(`This command failed: ${command.join(' ')}`);
  };
  const volume: Volume = {
    folder,
    real: true,
    on: (store) => store,
    fill(leave = 0) {
      volume.free();
      try {
        for (let i = 0; i < megabytes * 256; i += 1) writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
        throw new Error('The volume did not become full.');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
      if (leave > 0) must('truncate', '-s', `-${leave}`, filler);
    },
    free: () => rmSync(filler, { force: true }),
    readOnly: () => must('mount', '-o', 'remount,ro', disk),
    writable: () => must('mount', '-o', 'remount,rw', disk),
    unmount: () => must('umount', folder),
    mount: () => must('mount', '--bind', disk, folder),
    remove() {
      run('umount', '-l', folder);
      run('umount', '-l', disk);
      rmSync(parent, { recursive: true, force: true });
    },
  };
  volume.mount();
  return volume;
}

function simulatedVolume(parent: string, folder: string): Volume {
  let fault: 'ENOSPC' | 'EROFS' | 'ENODEV' | undefined;
  const fail = (): void => {
    if (fault) throw Object.assign(new Error(`${fault}: simulated`), { code: fault, syscall: 'open' });
  };
  const set = (code: typeof fault) => (): void => void (fault = code);
  const staging = (staged: StagedPayload): StagedPayload => ({
    ...staged,
    write: async (chunk) => (fail(), staged.write(chunk)),
    flush: async () => (fail(), staged.flush()),
    commit: async (key) => (fail(), staged.commit(key)),
    commitIfAbsent: async (key) => (fail(), staged.commitIfAbsent(key)),
  });
  return {
    folder,
    real: false,
    on: (store) => ({
      ...store,
      stage: async () => (fail(), staging(await store.stage())),
      check: async () => (fail(), store.check()),
      remove: async (key) => (fault === 'ENOSPC' || fail(), store.remove(key)),
      async *read(key, range) {
        if (fault === 'ENODEV') fail();
        yield* store.read(key, range);
      },
    }),
    fill: set('ENOSPC'),
    free: set(undefined),
    readOnly: set('EROFS'),
    writable: set(undefined),
    unmount: set('ENODEV'),
    mount: set(undefined),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

function run(...[command = '', ...args]: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
