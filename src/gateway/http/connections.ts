import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request that was read on a connection and whose answer is not out yet. */
export interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly begin: () => void;
}

interface Connection {
  /** In the order in which they came; the first is being worked on. */
  readonly turns: Turn[];
  /** What came last is no HTTP: nothing that is not whole may begin. */
  broken: boolean;
}

/** Whole requests that wait for their turn on one connection, at most; more stay in the network. */
const turnsWaiting = 32;

/**
 * The connections of a server. One connection works on one request at a time: a sender that writes a hundred deliveries at once
 * holds one temp file and not a hundred, they are stamped in their order, and none is accepted behind an answer that closes the
 * connection.
 */
export class Connections {
  /** The one that has been idle longest stands first. */
  private readonly open = new Map<Socket, Connection>();

  /** @param most open at once. */
  constructor(private readonly most: number) {}

  /**
   * Counts a new connection. Over the bound the one that has been idle longest has to go: keeping it costs its owner nothing, and a
   * sender with a delivery must get in.
   * @returns false when all are at work: then the new one is to be turned away.
   */
  enter(socket: Socket): boolean {
    if (this.open.size >= this.most && !this.endLongestIdle()) return false;
    this.open.set(socket, { turns: [], broken: false });
    socket.once('close', () => this.open.delete(socket));
    return true;
  }

  /** `handler`, a request of a connection after the other. */
  inTurn(handler: RequestListener): RequestListener {
    return (request, response) => {
      const { socket } = request;
      const connection = this.open.get(socket);
      if (!connection) return; // turned away
      const { turns } = connection;
      turns.push({ request, response, begin: () => handler(request, response) });
      response.once('close', () => this.next(socket, connection));
      if (turns.length === 1) turns[0]?.begin();
      else if (turns.length > turnsWaiting) socket.pause();
    };
  }

  /** Marks a connection as broken; answers what is still to be answered on it. */
  break(socket: Socket): readonly Turn[] {
    const connection = this.open.get(socket);
    if (connection) connection.broken = true;
    return connection?.turns ?? [];
  }

  /** Node's own `closeIdleConnections` leaves out those that never sent a request: balancers keep such ones ready. */
  closeIdle(): void {
    for (const [socket, { turns }] of this.open) if (turns.length === 0) socket.destroySoon();
  }

  /** Answers from now on close their connection: the sender opens its next one elsewhere. */
  keepNoneAlive(): void {
    for (const { turns } of this.open.values())
      for (const { response } of turns) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  private next(socket: Socket, connection: Connection): void {
    const { turns } = connection;
    turns.shift();
    if (!this.open.delete(socket)) return; // the connection is gone
    this.open.set(socket, connection); // to the end: it was at work just now
    if (turns.length <= turnsWaiting) socket.resume();
    const [next] = turns;
    if (next && socket.writable && !(connection.broken && !next.request.complete)) next.begin();
  }

  private endLongestIdle(): boolean {
    for (const [socket, { turns }] of this.open) {
      if (turns.length > 0) continue;
      this.open.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }
}
