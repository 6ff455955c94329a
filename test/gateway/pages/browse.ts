import { request } from 'undici';

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Requests a page as a browser without scripts does. Follows no redirect. */
export async function browse(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<Page> {
  const answer = await request(`http://127.0.0.1:${port}${path}`, { headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** Submits a form as a browser does that sends `Sec-Fetch-Site`. */
export async function submit(
  port: number,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Record<string, string> = {},
): Promise<Page> {
  const answer = await request(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/**
 * HTML on one line, without the white space that the formatter puts into templates: inside tags and between
 * words.
 */
export function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/ >/g, '>');
}

/** Signs in. @returns the `Cookie` header. */
export async function signIn(port: number, token: string): Promise<{ cookie: string }> {
  const { headers } = await submit(port, '/sign-in', { token });
  return { cookie: String(headers['set-cookie']).split(';')[0] ?? '' };
}
