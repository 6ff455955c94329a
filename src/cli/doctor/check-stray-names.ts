import { findStrayNames, type StrayName } from '../../payloads/folder/find-stray-names';
import { pluralize } from '../../text/pluralize';
import type { Finding } from './finding';
import type { Subject } from './subject';

const part = 'stray names';
/** Time limit for looking through the store, in ms. A check has 5 s. */
const lookMs = 3000;
/** Names in one sentence. */
const maxNamed = 10;

/** Names what people and other programs put into the store. Empty when there is nothing of the kind. */
export async function checkStrayNames({ config }: Pick<Subject, 'config'>): Promise<Finding[]> {
  const strays = await findStrayNames(config.storeFolder, Date.now() + lookMs);
  const unknown = strays.filter(({ kind }) => kind === 'unknown');
  return [
    ...strays.flatMap(({ path, kind }) => (kind === 'unknown' ? [] : [inTheWay({ path, kind })])),
    ...(unknown.length === 0 ? [] : [ignored(unknown)]),
  ];
}

const sentences: Readonly<
  Record<Exclude<StrayName['kind'], 'unknown'>, (path: string) => Pick<Finding, 'says' | 'todo'>>
> = {
  unreadable: (path) => ({
    says: `${path} in the store cannot be read.`,
    todo: 'give the user that runs Requeue permission to read it, or move it out of the store',
  }),
  copy: (path) => ({
    says: `${path} in the store is a copy of another issue's folder: its plans and reports name that issue.`,
    todo: 'move it out of the store',
  }),
  'folder-for-file': (path) => ({
    says: `${path} in the store is a folder, but Requeue keeps a file of this name.`,
    todo: 'move it out of the store, and restore the file if the backup has it',
  }),
};

function inTheWay({ path, kind }: StrayName & { readonly kind: keyof typeof sentences }): Finding {
  return { part, state: 'wrong', ...sentences[kind](path) };
}

function ignored(unknown: readonly StrayName[]): Finding {
  const named = unknown.slice(0, maxNamed).map(({ path }) => path);
  const more = unknown.length - named.length;
  return {
    part,
    state: 'note',
    says: `The store has ${pluralize(unknown.length, 'name')} that Requeue did not create and ignores: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    todo: 'move them out of the store, unless you need them there',
  };
}
