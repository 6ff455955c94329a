import { defined } from '../../collections/defined';
import { request } from 'undici';
import { loadConfig } from '../../config/load-config';
import { isHttpUrl } from '../../config/env-reader';
import { pluralize } from '../../text/pluralize';
import { printable } from '../../text/printable';
import { parseAnswer, answerSentence } from '../client/parse-answer';
import { type SendBody, createSendBody } from '../client/send-body';
import { WrongUsage } from '../wrong-usage';

export interface SendOptions {
  readonly url?: string | undefined;
  readonly secret?: string | undefined;
  readonly issue?: string | undefined;
  readonly repeat: number;
}

/**
 * `requeue send FILE`: posts the file to the webhook, as Aquarium does.
 *
 * @throws {Error} with the gateway's sentence when the gateway refuses, or with a sentence about the
 *   connection.
 */
export async function send(file: string, options: SendOptions): Promise<void> {
  const config = loadConfig(process.env, 'client');
  if (options.url !== undefined && !isHttpUrl(options.url))
    throw new WrongUsage('--url must be an http or https address without a user name or password.');
  const url = options.url ?? `http://127.0.0.1:${config.gateway.port}/webhook`;
  const secret = options.secret ?? config.webhookSecrets[0];
  const body = await createSendBody(file, options.issue);
  for (let sent = 0; sent < options.repeat; sent += 1)
    process.stdout.write(`${await post(url, secret, body)}\n`);
}

async function post(url: string, secret: string | undefined, body: SendBody): Promise<string> {
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.bytes),
    ...defined({ 'x-aquarium-secret': secret }),
  };
  const response = await request(url, { method: 'POST', headers, body: body.stream() }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Error(describeConnectionError(url, error));
    },
  );
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${response.statusCode} ${answerSentence(text)}`);
  return summaryLines(response.statusCode, parseAnswer(text, url)).map(printable).join('\n');
}

/** Error codes for a connection that was never made. Nothing was sent. */
const noConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function describeConnectionError(url: string, { code, message }: NodeJS.ErrnoException): string {
  if (code !== undefined && noConnection.has(code))
    return `No gateway answers at ${url} (${code}): start one with "npm run dev".`;
  return `The connection to ${url} broke before the gateway answered (${code ?? message}): send the file again; a repeated delivery is harmless.`;
}

interface Answer {
  readonly status: string;
  readonly message?: string;
  readonly issueId?: string;
  readonly revision?: string;
  readonly elements?: number;
  /** The request that has completed the revision already. */
  readonly duplicateOf?: string;
  readonly links?: { readonly self: string; readonly temporal: string };
}

function summaryLines(status: number, answer: Answer): string[] {
  if (answer.status !== 'accepted') return [`${status} ${answer.status}: ${answer.message ?? ''}`];
  return [
    `${status} accepted: issue ${answer.issueId}, revision ${answer.revision}, ${pluralize(Number(answer.elements), 'element')}`,
    ...(answer.duplicateOf === undefined
      ? []
      : [`  request ${answer.duplicateOf} has already completed this revision, so nothing is sent`]),
    `  in the Temporal Web UI: ${answer.links?.temporal}`,
  ];
}
