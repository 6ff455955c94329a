import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers by request line, such as `GET /api/exports/one`. The last answer in a list repeats. */
export type Answers = Readonly<Record<string, object | string | readonly (object | string)[]>>;

export interface FakeApi {
  /** Its address and a token, as options of every command. */
  readonly options: { readonly url: string; readonly token: string };
  readonly args: readonly string[];
  /** Received requests, in order. */
  readonly got: {
    readonly line: string;
    readonly authorization: string | undefined;
    readonly body: unknown;
  }[];
}

/** A refusal in the gateway's format. */
export class Refused {
  constructor(
    readonly status: number,
    readonly message: string,
  ) {}
}

const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

/** An operator API with these answers, on a free port until the test ends. Any other request gets a 404. */
export async function startFakeApi(answers: Answers): Promise<FakeApi> {
  const got: FakeApi['got'] = [];
  const left = new Map(
    Object.entries(answers).map(([line, answer]) => [
      line,
      Array.isArray(answer) ? [...(answer as object[])] : [answer],
    ]),
  );
  const server = createServer((request, response) => void take(request, response));
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const line = `${request.method} ${request.url}`;
    got.push({
      line,
      authorization: request.headers.authorization,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    });
    const queue = left.get(line) ?? [new Refused(404, 'Not Found: nothing is here.')];
    send(response, queue.length > 1 ? queue.shift() : queue[0]);
  }
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { options: { url, token: 't1' }, args: ['--url', url, '--token', 't1'], got };
}

function send(response: ServerResponse, answer: unknown): void {
  if (answer instanceof Refused) {
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'refused', message: answer.message }));
  } else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
}
