import { PayloadNotFound, type PayloadStore } from '../../src/payloads/payload-store';
import { readBytes, writeBytes } from '../../src/payloads/small-objects';

/** Tests every promise of the `PayloadStore` port; the test file of each implementation calls this. */
export function describePayloadStore(name: string, createStore: () => Promise<PayloadStore>): void {
  describe(`${name} as a payload store`, () => {
    let store: PayloadStore;
    beforeEach(async () => {
      store = await createStore();
    });
    const text = async (key: string): Promise<string> => (await readBytes(store, key)).toString('utf8');

    it('returns exactly the committed bytes, whatever the sizes of the chunks', async () => {
      const chunks = [0, 1, 70_000, 3, 1024 * 1024, 1024 * 1024 + 7, 0, 13].map((size, place) =>
        Buffer.alloc(size, place + 1),
      );
      const staged = await store.stage();
      for (const chunk of chunks) await staged.write(chunk);
      await staged.commit('deliveries/a');
      expect((await readBytes(store, 'deliveries/a')).equals(Buffer.concat(chunks))).toBe(true);
      expect(await store.size('deliveries/a')).toBe(Buffer.concat(chunks).length);
    });

    it('stores an empty object', async () => {
      await writeBytes(store, 'deliveries/empty', '');
      expect(await store.size('deliveries/empty')).toBe(0);
      expect(await text('deliveries/empty')).toBe('');
    });

    it('takes thousands of one-byte chunks', async () => {
      const staged = await store.stage();
      for (let i = 0; i < 3000; i += 1) await staged.write(Buffer.from([i % 256]));
      await staged.commit('deliveries/bytes');
      const bytes = await readBytes(store, 'deliveries/bytes');
      expect(bytes.every((byte, place) => byte === place % 256)).toBe(true);
      expect(bytes.length).toBe(3000);
    });

    it('shows nothing of an object before its commit', async () => {
      const staged = await store.stage();
      await staged.write(Buffer.alloc(2 * 1024 * 1024));
      expect(await store.list('deliveries/')).toEqual([]);
      await expect(store.size('deliveries/a')).rejects.toThrow(PayloadNotFound);
      await staged.discard();
    });

    it('writes the buffered bytes at a flush, and takes more afterwards', async () => {
      const staged = await store.stage();
      await staged.flush();
      await staged.write(Buffer.from('one '));
      await staged.flush();
      await staged.write(Buffer.from('two'));
      await staged.commit('deliveries/a');
      expect(await text('deliveries/a')).toBe('one two');
      await expect(staged.flush()).rejects.toThrow("Can't flush a staged payload that is already committed.");
    });

    it('drops discarded bytes, and discards twice or after a commit without an error', async () => {
      const forgotten = await store.stage();
      await forgotten.write(Buffer.from('forgotten'));
      await forgotten.discard();
      await forgotten.discard();
      await expect(forgotten.commit('deliveries/a')).rejects.toThrow(
        /commit deliveries\/a: its staged payload is already discarded/,
      );
      const kept = await store.stage();
      await kept.write(Buffer.from('kept'));
      await kept.commit('deliveries/b');
      await kept.discard();
      expect(await store.list('deliveries/')).toEqual(['b']);
      expect(await text('deliveries/b')).toBe('kept');
    });

    it('replaces a whole object when its key is committed again', async () => {
      await writeBytes(store, 'deliveries/a', 'a long first version');
      await writeBytes(store, 'deliveries/a', 'second');
      expect(await text('deliveries/a')).toBe('second');
    });

    it('takes concurrent commits of one key, and keeps one of them whole', async () => {
      const versions = Array.from({ length: 20 }, (_, place) => String(place).repeat(5000));
      await Promise.all(versions.map((version) => writeBytes(store, 'deliveries/a', version)));
      expect(versions).toContain(await text('deliveries/a'));
    });

    it('creates an absent object, and never replaces one', async () => {
      const stage = async (bytes: string) => {
        const staged = await store.stage();
        await staged.write(Buffer.from(bytes));
        return staged;
      };
      expect(await (await stage('first')).commitIfAbsent('exports/i/a')).toBe(true);
      const second = await stage('second');
      expect(await second.commitIfAbsent('exports/i/a')).toBe(false);
      await expect(second.commit('exports/i/b')).rejects.toThrow('is already discarded');
      expect(await text('exports/i/a')).toBe('first');
      expect(await store.list('exports/i/')).toEqual(['a']);
      await store.remove('exports/i/a');
      expect(await (await stage('third')).commitIfAbsent('exports/i/a')).toBe(true);
      await writeBytes(store, 'exports/i/a', 'replaced');
      expect(await text('exports/i/a')).toBe('replaced');
    });

    it('creates an object for one of many concurrent callers', async () => {
      const create = async (version: string): Promise<boolean> => {
        const staged = await store.stage();
        await staged.write(Buffer.from(version));
        return staged.commitIfAbsent('exports/i/a');
      };
      const versions = Array.from({ length: 20 }, (_, place) => String(place % 10).repeat(5000 + place));
      const created = await Promise.all(versions.map(create));
      expect(created.filter(Boolean)).toEqual([true]);
      expect(await text('exports/i/a')).toBe(versions[created.indexOf(true)]);
    });

    it('reads a range of bytes', async () => {
      await writeBytes(store, 'exports/i/r/1/labels.ndjson', '0123456789');
      const range = async (start: number, end: number): Promise<string> =>
        (await readBytes(store, 'exports/i/r/1/labels.ndjson', { start, end })).toString();
      expect(await range(0, 10)).toBe('0123456789');
      expect(await range(3, 5)).toBe('34');
      expect(await range(8, 99)).toBe('89');
      expect(await range(4, 4)).toBe('');
    });

    it('names a missing object before the first chunk', async () => {
      await writeBytes(store, 'deliveries/another', 'so that there is a store');
      const reading = async (): Promise<void> => {
        for await (const chunk of store.read('deliveries/none')) throw new Error(`got ${chunk.length} bytes`);
      };
      await expect(reading()).rejects.toThrow(new PayloadNotFound('deliveries/none'));
      await expect(store.size('deliveries/none')).rejects.toThrow(
        'The payload store has no deliveries/none.',
      );
    });

    it('lists the last segments below a prefix, sorted, folders too, and nothing deeper', async () => {
      for (const key of ['inbox/b.json', 'inbox/a.json', 'inbox/a-1.json', 'inbox/deep/x/y.json'])
        await writeBytes(store, key, '');
      expect(await store.list('inbox/')).toEqual(['a-1.json', 'a.json', 'b.json', 'deep']);
      expect(await store.list('inbox/none/')).toEqual([]);
    });

    it('replaces only an existing object in place, longer or shorter', async () => {
      expect(await store.replace('inbox/a.json', Buffer.from('never created'))).toBe(false);
      expect(await store.list('inbox/')).toEqual([]);
      await writeBytes(store, 'inbox/a.json', 'first');
      expect(await store.replace('inbox/a.json', Buffer.from('a longer second'))).toBe(true);
      expect(await text('inbox/a.json')).toBe('a longer second');
      expect(await store.replace('inbox/a.json', Buffer.from('3rd'))).toBe(true);
      expect(await text('inbox/a.json')).toBe('3rd');
    });

    it('removes an object, and removes a missing object without an error', async () => {
      await writeBytes(store, 'inbox/a.json', 'first');
      await store.remove('inbox/a.json');
      await store.remove('inbox/a.json');
      expect(await store.list('inbox/')).toEqual([]);
      expect(await store.replace('inbox/a.json', Buffer.from('back again'))).toBe(false);
    });

    it('passes its check before and after the first object, and leaves no probe behind', async () => {
      await store.check();
      await writeBytes(store, 'deliveries/a', 'a');
      await store.check();
      expect(await store.list('deliveries/')).toEqual(['a']);
    });
  });
}
