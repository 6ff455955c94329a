import { reportKeyOfName } from '../keys';
import { PayloadNotFound, type PayloadStore } from '../payload-store';
import { readHeadAt } from '../report-head';
import { skipDenied } from '../skip-denied';
import type { Logger } from '../../telemetry/logger';
import { createReportNames, findReportNames } from '../report-names';
import { addLabelsOf, LabelEntries } from './label-entries';
import {
  extendLabelIndex,
  type LabelHit,
  type LabelIndexFile,
  lookUpLabel,
  openLabelIndex,
} from './label-index-file';

/** Where to look for a label. */
interface LabelPlaces {
  /** The index claims that these reports have the label. */
  readonly hits: readonly LabelHit[];
  /** The names of reports that are not in the index yet: few, and small. */
  readonly notIndexed: readonly string[];
}

/** Says where to look for a label. Rebuilds the index when it is missing or damaged. */
export type LabelIndex = (labelId: string) => Promise<LabelPlaces>;

/** Limits for reports that a find reads itself. Reading 20 small reports takes a few milliseconds. */
const maxNotIndexed = 20;
const maxBytesNotIndexed = 4 * 1024 * 1024;
/** Entries kept in memory before they are written: 18 MB. */
const maxEntries = 1_000_000;

/**
 * Finds labels with `index/labels.bin`, which it extends when too many reports are not in it. Several gateways may
 * do so: the file is replaced as a whole, and what one of them misses is indexed again.
 */
export function createLabelIndex(store: PayloadStore, logger: Logger): LabelIndex {
  const names = createReportNames(store);
  let known: LabelIndexFile | undefined;
  let writing: Promise<LabelIndexFile> | undefined;
  const writeOnce = (write: () => Promise<LabelIndexFile>): Promise<LabelIndexFile> => {
    writing ??= write().finally(() => (writing = undefined));
    return writing;
  };
  const rebuild = (): Promise<LabelIndexFile> =>
    writeOnce(async () => indexReports(store, undefined, await names.scan()));

  const open = async (listed: readonly string[]): Promise<LabelIndexFile> => {
    const file = (await openLabelIndex(store, known)) ?? (await rebuild());
    const notIndexed = namesMissingIn(file, listed);
    return (await isTooMuch(store, notIndexed))
      ? writeOnce(() => indexReports(store, file, notIndexed))
      : file;
  };
  /** @returns undefined when the bucket is damaged again. */
  const lookUp = async (file: LabelIndexFile, labelId: string): Promise<readonly LabelHit[] | undefined> => {
    const hits = await lookUpLabel(store, file, labelId);
    if (hits) return hits;
    known = (await replacedSince(store, file)) ?? (await rebuild());
    return lookUpLabel(store, known, labelId);
  };
  const findPlaces = async (labelId: string): Promise<LabelPlaces> => {
    const listed = await names.list();
    known = await open(listed);
    const hits = await lookUp(known, labelId);
    return hits ? { hits, notIndexed: namesMissingIn(known, listed) } : { hits: [], notIndexed: listed };
  };
  return async (labelId) =>
    findPlaces(labelId).catch(async (err: unknown) => {
      logger.warn({ err }, 'The index of labels cannot be read or written; a find reads every report.');
      return { hits: [], notIndexed: await findReportNames(store) };
    });
}

/** @returns undefined when the index is damaged, or is still this file. */
async function replacedSince(
  store: PayloadStore,
  file: LabelIndexFile | undefined,
): Promise<LabelIndexFile | undefined> {
  const present = await openLabelIndex(store);
  return present?.trailer === file?.trailer ? undefined : present;
}

function namesMissingIn({ reports }: LabelIndexFile, names: readonly string[]): string[] {
  const indexed = new Set(reports);
  return names.filter((name) => !indexed.has(name));
}

async function isTooMuch(store: PayloadStore, names: readonly string[]): Promise<boolean> {
  if (names.length > maxNotIndexed) return true;
  const sizes = await Promise.all(names.map((name) => sizeOf(store, name)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0) > maxBytesNotIndexed;
}

async function sizeOf(store: PayloadStore, name: string): Promise<number> {
  return store.size(reportKeyOfName(name)).catch(() => 0);
}

/** Begins anew when the present index is damaged, or with the one that replaced it. Leaves out reports that cannot be read. */
async function indexReports(
  store: PayloadStore,
  present: LabelIndexFile | undefined,
  names: readonly string[],
): Promise<LabelIndexFile> {
  let file = present;
  let entries = new LabelEntries();
  const reports = [...(present?.reports ?? [])];
  const write = async (): Promise<boolean> => {
    const written = await extendLabelIndex(store, file, entries, reports.slice());
    if (!written) return false;
    file = written;
    entries = new LabelEntries();
    return true;
  };
  for (const name of names) {
    if (await addReport(store, name, reports.length, entries)) reports.push(name);
    if (entries.count >= maxEntries && !(await write())) break;
  }
  if (await write()) return file!;
  const replaced = await replacedSince(store, file);
  const wanted = [...new Set([...reports, ...names])];
  return indexReports(store, replaced, replaced ? namesMissingIn(replaced, wanted) : wanted);
}

/** @returns false when the report does not exist or is not a report. */
async function addReport(
  store: PayloadStore,
  name: string,
  report: number,
  entries: LabelEntries,
): Promise<boolean> {
  if (!(await skipDenied(readHeadAt(store, reportKeyOfName(name))))) return false;
  try {
    await addLabelsOf(store, name, report, entries);
    return true;
  } catch (error) {
    if (error instanceof PayloadNotFound) return false;
    throw error;
  }
}
