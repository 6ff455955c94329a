import { html } from 'hono/html';
import type { Refusal } from '../http/refusal';
import { framed } from './frame';
import type { Paths } from './paths';

/** A page for what was refused: the same sentence as the API's. */
export function refusalPage(paths: Paths, refusal: Refusal, operator: string | undefined): Promise<string> {
  return framed(
    { paths, title: titles[refusal.status] ?? 'Not possible', operator, fault: faultMessage(refusal) },
    html`<h1>${titles[refusal.status] ?? 'Not possible'}</h1>
      <p><a href="${paths.list}">All exports</a></p>`,
  );
}

const titles: Readonly<Record<number, string>> = {
  403: 'Not allowed',
  404: 'Not found',
  500: 'Requeue failed',
  503: 'Not now',
};

/** A refusal's sentence as one of a page. */
export function faultMessage({ sentence }: Refusal): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
