import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { link } from 'node:fs/promises';
import { join } from 'node:path';
import type { HardLink } from '../../src/payloads/folder/create-if-absent';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { PayloadIsFolder, PayloadNotFound, type PayloadStore } from '../../src/payloads/payload-store';
import { readBytes, writeBytes } from '../../src/payloads/small-objects';
import { describePayloadStore } from './describe-payload-store';
import { tempFolder } from './temp-folder';

const parent = tempFolder();
const newFolder = (): string => mkdtempSync(join(parent, 'store-'));

describePayloadStore('the folder store', async () => createFolderStore({ folder: newFolder() }));
describePayloadStore('the folder store without hard links', async () =>
  createFolderStore({ folder: newFolder(), hardLink: failsWith('EPERM') }),
);

/** What `link` does on a file system without hard links, or on a broken one. */
function failsWith(code: string, before: HardLink = async () => undefined): HardLink {
  return async (existing, created) => {
    await before(existing, created);
    throw Object.assign(new Error(`${code}: link`), { code, syscall: 'link' });
  };
}

async function create(store: PayloadStore, bytes: string): Promise<boolean> {
  const staged = await store.stage();
  await staged.write(Buffer.from(bytes));
  return staged.commitIfAbsent('exports/a');
}

describe('the folder store', () => {
  it('creates its folder, with every folder above it', async () => {
    const folder = join(newFolder(), 'not', 'there', 'yet');
    const store = createFolderStore({ folder });
    await store.check();
    expect(readdirSync(folder).sort()).toEqual(['deliveries', 'inbox', 'tmp']);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('creates its folders again when they were removed while it runs', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder });
    await writeBytes(store, 'deliveries/a', 'a');
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    await writeBytes(store, 'deliveries/b', 'b');
    expect((await readBytes(store, 'deliveries/b')).toString()).toBe('b');
  });

  it('does not create a store that disappeared again: new objects would be hidden when the old store is back', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder });
    await writeBytes(store, 'deliveries/a', 'a');
    renameSync(folder, `${folder}-away`);
    await expect(writeBytes(store, 'deliveries/b', 'b')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(store.check()).rejects.toMatchObject({ code: 'ENOENT' });
    renameSync(`${folder}-away`, folder);
    await writeBytes(store, 'deliveries/b', 'b');
    expect(await store.list('deliveries/')).toEqual(['a', 'b']);
  });

  it('leaves no temp file when a commit fails', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder });
    writeFileSync(join(folder, 'inbox'), 'a file where a folder must be');
    const staged = await store.stage();
    await staged.write(Buffer.from('bytes'));
    await expect(staged.commit('inbox/a.json')).rejects.toThrow(/EEXIST|ENOTDIR/);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('leaves no temp file when a folder has the name of the object', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder });
    mkdirSync(join(folder, 'deliveries', 'a'), { recursive: true });
    await expect(writeBytes(store, 'deliveries/a', 'bytes')).rejects.toThrow(
      new PayloadIsFolder('deliveries/a'),
    );
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])(
    'creates an absent object whole, and leaves no temp file, where link fails with %s',
    async (code) => {
      const folder = newFolder();
      const store = createFolderStore({ folder, hardLink: failsWith(code) });
      expect(await create(store, 'first')).toBe(true);
      expect(await create(store, 'second')).toBe(false);
      expect((await readBytes(store, 'exports/a')).toString()).toBe('first');
      expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
    },
  );

  it('creates an absent object where NFS reports a link that was made as existing', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder, hardLink: failsWith('EEXIST', link) });
    expect(await create(store, 'first')).toBe(true);
    expect((await readBytes(store, 'exports/a')).toString()).toBe('first');
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });

  it('creates nothing when the disk fails, and throws its error', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder, hardLink: failsWith('EIO') });
    await expect(create(store, 'first')).rejects.toMatchObject({ code: 'EIO' });
    expect([await store.list('exports/'), readdirSync(join(folder, 'tmp'))]).toEqual([[], []]);
  });

  it.each([
    '../escape',
    'deliveries/../../escape',
    '/etc/passwd',
    'a//b',
    '',
    '.',
    'a/.hidden',
    'tmp/x',
    'a\\b',
    'a\0b',
  ])('refuses the key %j', async (key) => {
    const store = createFolderStore({ folder: newFolder() });
    const staged = await store.stage();
    await expect(staged.commit(key)).rejects.toThrow(/^Expected a key made by payloads\/keys\.ts, got /);
    expect(() => store.list(key)).toThrow(TypeError);
  });

  it('takes a folder with the name of an object for neither an object nor its absence', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder });
    const key = 'exports/a';
    mkdirSync(join(folder, key, 'x'), { recursive: true });
    const isFolder = new PayloadIsFolder(key);
    expect(isFolder.message).toBe(
      'The payload store has a folder in the place of the file exports/a: move it out of the store.',
    );
    await expect(readBytes(store, key)).rejects.toThrow(isFolder);
    await expect(readBytes(store, key, { start: 0, end: 1 })).rejects.toThrow(isFolder);
    await expect(store.size(key)).rejects.toThrow(isFolder);
    await expect(store.replace(key, Buffer.from('x'))).rejects.toThrow(isFolder);
    await expect(writeBytes(store, key, 'x')).rejects.toThrow(isFolder);
    await expect(create(store, 'first')).rejects.toThrow(isFolder);
    await expect(
      create(createFolderStore({ folder, hardLink: failsWith('EPERM') }), 'first'),
    ).rejects.toThrow(isFolder);
  });

  it('finds nothing below a file, nor below a link to itself', async () => {
    const folder = newFolder();
    const store = createFolderStore({ folder });
    await writeBytes(store, 'exports/notes', 'a file');
    symlinkSync('loop', join(folder, 'exports', 'loop'));
    for (const name of ['notes', 'loop']) {
      expect(await store.list(`exports/${name}/`)).toEqual([]);
      await expect(store.size(`exports/${name}/a`)).rejects.toThrow(PayloadNotFound);
      await expect(readBytes(store, `exports/${name}/a`)).rejects.toThrow(PayloadNotFound);
    }
  });

  it('fails its check with the reason when its folder is a file', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(createFolderStore({ folder: file }).check()).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
