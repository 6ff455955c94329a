import { html } from 'hono/html';
import type { Paths } from './paths';
import { type Html, withEscapes } from './html-helpers';

export interface Frame {
  readonly paths: Paths;
  readonly title: string;
  /** The name of the signed-in operator. Absent on the sign-in page. */
  readonly operator?: string | undefined;
  /** The outcome of the form that was just submitted. */
  readonly flash?: string | undefined;
  /** Why the request was refused. */
  readonly fault?: string | undefined;
}

/** Renders a complete HTML document around the content of `main`. */
export async function renderPage(
  { paths, title, operator, flash, fault }: Frame,
  main: Html,
): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${withEscapes(title)} · Requeue</title>
        <link rel="icon" href="${paths.asset('icon.svg')}" />
        <link rel="stylesheet" href="${paths.asset('style.css')}" />
        <script defer src="${paths.asset('live.js')}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <a class="home" href="${paths.list}">Requeue</a>
          ${operator === undefined ? '' : signedIn(paths, operator)}
        </header>
        <main id="main" tabindex="-1">
          ${flash === undefined ? '' : html`<p class="notice good" role="status">${flash}</p>`}
          ${fault === undefined ? '' : html`<p class="notice bad" role="alert">${fault}</p>`} ${main}
        </main>
      </body>
    </html>`;
  return page.toString(); // hono returns a String object, which Buffer rejects
}

function signedIn(paths: Paths, operator: string): Html {
  return html`<form class="who" method="post" action="${paths.signOut}">
    <span>Signed in as <bdi>${operator}</bdi></span>
    <button class="quiet">Sign out</button>
  </form>`;
}
