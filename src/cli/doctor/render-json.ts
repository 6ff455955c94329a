import { defined } from '../../collections/defined';
import { printableJson } from '../../text/printable';
import type { Examination } from './examine';
import { isWell } from './is-well';

/** The examination as one JSON text. Characters that could control a terminal are escaped. */
export function renderJson(examination: Examination): string {
  const { subject, findings } = examination;
  const json = JSON.stringify(
    {
      ok: isWell(examination),
      ...defined({ mode: subject?.mode, store: subject?.config.storeFolder }),
      findings,
    },
    undefined,
    2,
  );
  return `${printableJson(json)}\n`;
}
