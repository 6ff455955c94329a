import { createReadiness } from '../../src/gateway/health';
import { createFolderStore } from '../../src/payloads/folder/folder-store';
import { tempFolder } from '../payloads/temp-folder';

const folder = tempFolder();
const dispatcher = { temporalState: () => ({ reachable: true }) };

afterEach(() => {
  jest.useRealTimers();
});

it('The readiness check asks a hanging store once, however many probes come and however long it takes', async () => {
  jest.useFakeTimers({ now: 0 });
  let checks = 0;
  let answer = (): void => undefined;
  const store = {
    ...createFolderStore({ folder }),
    list: async () => [],
    check: () => {
      checks += 1;
      return new Promise<void>((resolve) => (answer = resolve));
    },
  };
  const readiness = createReadiness({ store, dispatcher });
  const probes = [readiness()];
  for (let i = 0; i < 10; i += 1) {
    jest.advanceTimersByTime(5000);
    probes.push(readiness());
  }
  expect(checks).toBe(1);
  answer();
  expect(new Set((await Promise.all(probes)).map(({ status }) => status))).toEqual(new Set(['ready']));
  jest.advanceTimersByTime(5000);
  const later = readiness();
  expect(checks).toBe(2);
  answer();
  expect(await later).toMatchObject({ status: 'ready', store: 'ok' });
});

it('A probe does not wait for a large inbox to be counted, and has the counts once they are known', async () => {
  jest.useFakeTimers({ now: 0 });
  let isCounted = (): void => undefined;
  const counting = new Promise<void>((resolve) => (isCounted = resolve));
  const list = async (): Promise<string[]> => (await counting, ['00-torn.json']);
  const store = { ...createFolderStore({ folder }), check: async () => undefined, list };
  const readiness = createReadiness({ store, dispatcher });
  const early = readiness();
  await jest.advanceTimersByTimeAsync(1000);
  const { inbox: _none, ...ready } = await early;
  expect(ready).toMatchObject({ status: 'ready', store: 'ok' });
  expect(_none).toBeUndefined();
  isCounted();
  jest.useRealTimers();
  expect(await readiness()).toMatchObject({ inbox: { waiting: 0, held: 0 } });
});
