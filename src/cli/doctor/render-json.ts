import { defined } from '../../collections/defined';
import type { Examination } from './examine';
import { isWell } from './is-well';

/** The examination for programs, one JSON text. What would steer a terminal that shows it stands there escaped. */
export function renderJson(examination: Examination): string {
  const { subject, findings } = examination;
  const text = JSON.stringify(
    {
      ok: isWell(examination),
      ...defined({
        mode: subject ? subject.mode : undefined,
        store: subject ? subject.config.storeFolder : undefined,
      }),
      findings,
    },
    undefined,
    2,
  );
  return `${text.replace(/(?!\n)[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, escaped)}\n`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
