import { html } from 'hono/html';
import type { Refusal } from '../http/refusal';
import { renderPage } from './render-page';
import type { Paths } from './paths';

/** Renders a refusal as a page, with the API's sentence. */
export function refusalPage(paths: Paths, refusal: Refusal, operator: string | undefined): Promise<string> {
  return renderPage(
    { paths, title: titles[refusal.status] ?? 'Request refused', operator, fault: faultMessage(refusal) },
    html`<h1>${titles[refusal.status] ?? 'Request refused'}</h1>
      <p><a href="${paths.list}">All exports</a></p>`,
  );
}

const titles: Readonly<Record<number, string>> = {
  403: 'Not allowed',
  404: 'Not found',
  500: 'Requeue failed',
  503: 'Unavailable',
};

/** @returns a refusal's sentence with a capital letter, for a page. */
export function faultMessage({ sentence }: Refusal): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
