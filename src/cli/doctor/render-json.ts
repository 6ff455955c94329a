import { defined } from '../../collections/defined';
import { printableJson } from '../../text/printable';
import type { Examination } from './examine';
import { isWell } from './is-well';

/** Returns the examination as JSON, and escapes characters that could control a terminal. */
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
