import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import { loadConfig } from '../config/load-config';

export interface SendOptions {
  readonly url?: string | undefined;
  readonly secret?: string | undefined;
  readonly issue?: string | undefined;
  readonly repeat: number;
}

/** `requeue send FILE`: the sender's side of the webhook. @throws an Error with the gateway's sentence when it refuses. */
export async function send(file: string, options: SendOptions): Promise<void> {
  const config = loadConfig(process.env, 'client');
  const url = options.url ?? `http://127.0.0.1:${config.gateway.port}/webhook`;
  const secret = options.secret ?? config.webhookSecrets[0];
  const body = await bodyOf(file, options.issue);
  for (let sent = 0; sent < options.repeat; sent += 1) process.stdout.write(`${await post(url, secret, body)}\n`);
}

async function bodyOf(file: string, issue: string | undefined): Promise<Buffer> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code}).`);
  });
  if (issue === undefined) return bytes;
  try {
    const body = JSON.parse(bytes.toString('utf8')) as { issue: object };
    return Buffer.from(JSON.stringify({ ...body, issue: { ...body.issue, id: issue } }));
  } catch {
    throw new Error(`--issue needs a file that is JSON, and ${file} is not.`);
  }
}

async function post(url: string, secret: string | undefined, body: Buffer): Promise<string> {
  const headers = { 'content-type': 'application/json', ...(secret === undefined ? {} : { 'x-aquarium-secret': secret }) };
  const response = await request(url, { method: 'POST', headers, body }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`No gateway answers at ${url} (${error.code ?? error.message}): start one with "npm run dev".`);
  });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${response.statusCode} ${sentenceOf(text)}`);
  return summaryOf(response.statusCode, text);
}

function summaryOf(status: number, text: string): string {
  const answer = JSON.parse(text) as {
    status: string;
    message?: string;
    issueId?: string;
    revision?: string;
    elements?: number;
    links?: { self: string; temporal: string };
  };
  if (answer.status !== 'accepted') return `${status} ${answer.status}: ${answer.message ?? ''}`;
  return [
    `${status} accepted: issue ${answer.issueId}, revision ${answer.revision}, ${answer.elements} elements`,
    `  in the Temporal Web UI: ${answer.links?.temporal}`,
  ].join('\n');
}

function sentenceOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text.slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
