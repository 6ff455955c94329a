import {
  connect,
  type ClientHttp2Session,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** How the proxy answers a call itself: with a gRPC status, or never. */
type Fault = { readonly code: number; readonly message: string } | 'silence';

export interface TemporalProxy {
  readonly address: string;
  /** The method names of all calls, in order. */
  readonly calls: string[];
  /** Called for each call; undefined: the real server answers. */
  fault: (method: string) => Fault | undefined;
  /** Switches to another server. */
  sendTo(target: string): void;
  close(): Promise<void>;
}

/**
 * A proxy in front of a real Temporal server. It injects answers that a test can't provoke from the server.
 */
export async function startTemporalProxy(target: string): Promise<TemporalProxy> {
  const sessions = new Set<ServerHttp2Session>();
  const upstreams = new Set<ClientHttp2Session>();
  const connectUpstream = (address: string): ClientHttp2Session => {
    const session = connect(`http://${address}`);
    session.on('error', () => undefined);
    upstreams.add(session);
    return session;
  };
  let upstream = connectUpstream(target);
  const server = createServer();
  const proxy: TemporalProxy = {
    address: '',
    calls: [],
    fault: () => undefined,
    sendTo: (address) => void (upstream = connectUpstream(address)),
    async close() {
      for (const session of sessions) session.destroy();
      for (const session of upstreams) session.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    proxy.calls.push(method);
    const fault = proxy.fault(method);
    if (fault === 'silence') stream.resume();
    else if (fault) refuse(stream, fault);
    else if (upstream.destroyed) refuse(stream, { code: 14, message: 'the server is gone' });
    else pass(stream, headers, upstream);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return Object.assign(proxy, { address: `127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function refuse(stream: ServerHttp2Stream, { code, message }: { code: number; message: string }): void {
  stream.resume();
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': String(code),
      'grpc-message': encodeURIComponent(message),
    },
    { endStream: true },
  );
}

function pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session): void {
  const onward = upstream.request({ ...headers, ':authority': undefined });
  let trailers: IncomingHttpHeaders = {};
  onward.on('error', () => stream.destroy());
  onward.on('trailers', (got) => (trailers = got));
  onward.on('response', (answered, flags) => {
    if (stream.destroyed) return;
    const endStream = (flags & 1) !== 0;
    stream.respond(answered, { endStream, waitForTrailers: !endStream });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    if (!endStream) onward.pipe(stream);
  });
  stream.on('close', () => onward.close());
  stream.pipe(onward);
}
