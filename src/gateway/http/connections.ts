import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request on a connection, until its answer is sent. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly start: () => void;
}

interface Connection {
  /** In order of arrival; only the first has started. */
  readonly exchanges: Exchange[];
  /** True when the bytes after the last request are not HTTP. Then no incomplete request may start. */
  isBroken: boolean;
}

/**
 * Maximum requests that wait on a connection. While more wait, the gateway does not read the connection, so
 * further requests stay in the network's buffers.
 */
const maxWaiting = 32;

/**
 * The open connections of a server. Each handles one request at a time. A sender that writes a hundred
 * deliveries in one go therefore occupies one temp file instead of a hundred, its deliveries get stamps in
 * the order in which it wrote them, and none is accepted after an answer that closes the connection. See
 * docs/decisions/008-idle-and-slow-senders-make-room.md.
 */
export class Connections {
  /** Ordered by the time of the last answer: the connection that has been idle longest is first. */
  private readonly open = new Map<Socket, Connection>();

  constructor(private readonly maxOpen: number) {}

  /**
   * Adds a new connection. At the limit, it closes the connection that has been idle longest, to make room
   * for a sender with a delivery.
   *
   * @returns false when all connections are busy. The caller then rejects the new one.
   */
  admit(socket: Socket): boolean {
    if (this.open.size >= this.maxOpen && !this.closeLongestIdle()) return false;
    this.open.set(socket, { exchanges: [], isBroken: false });
    socket.once('close', () => this.open.delete(socket));
    return true;
  }

  /** Wraps `handler` so that a connection's next request starts only after the answer to the one before. */
  oneAtATime(handler: RequestListener): RequestListener {
    return (request, response) => {
      const { socket } = request;
      const connection = this.open.get(socket);
      if (!connection) return; // it was rejected
      const { exchanges } = connection;
      exchanges.push({ request, response, start: () => handler(request, response) });
      response.once('close', () => this.startNext(socket, connection));
      if (exchanges.length === 1) exchanges[0]?.start();
      else if (exchanges.length > maxWaiting) socket.pause();
    };
  }

  /** Stops the connection's incomplete requests from starting. @returns its unanswered exchanges. */
  markBroken(socket: Socket): readonly Exchange[] {
    const connection = this.open.get(socket);
    if (connection) connection.isBroken = true;
    return connection?.exchanges ?? [];
  }

  /**
   * Closes all idle connections. Node's `closeIdleConnections` skips those that never sent a request, which
   * load balancers keep ready.
   */
  closeIdle(): void {
    for (const [socket, { exchanges }] of this.open) if (exchanges.length === 0) socket.destroySoon();
  }

  /** Makes each pending answer close its connection, so that the sender connects elsewhere next. */
  disableKeepAlive(): void {
    for (const { exchanges } of this.open.values())
      for (const { response } of exchanges) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  private startNext(socket: Socket, connection: Connection): void {
    const { exchanges, isBroken } = connection;
    exchanges.shift();
    if (!this.open.delete(socket)) return; // the connection is closed
    this.open.set(socket, connection); // moves it to the end, because it was busy until now
    if (exchanges.length <= maxWaiting) socket.resume();
    const [next] = exchanges;
    if (next && socket.writable && (next.request.complete || !isBroken)) next.start();
  }

  private closeLongestIdle(): boolean {
    for (const [socket, { exchanges }] of this.open) {
      if (exchanges.length > 0) continue;
      this.open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}
