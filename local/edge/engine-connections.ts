import { connect, type Socket } from 'node:net';
import { readResponse, type EngineResponse } from './http-response.ts';

/**
 * DynamoDB Local closes idle connections after 30 s. This side closes them first, so that no request meets a closing
 * one.
 */
const idleMs = 10_000;

/**
 * A pool of connections to an engine, each for one request at a time. node:http takes three times as much CPU for
 * features that an engine on the same machine does not need.
 */
export class EngineConnections {
  readonly #url: URL;
  #idle: Connection[] = [];
  readonly #all = new Set<Connection>();

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** @throws Error if the connection breaks before the response is complete */
  async post(headers: Record<string, string>, body: string): Promise<EngineResponse> {
    const connection = this.#take() ?? this.#open();
    const all = { host: this.#url.host, ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const response = await connection.exchange(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    if (response.isKept) this.#idle.push(connection);
    else connection.end();
    return response;
  }

  close(): void {
    for (const connection of this.#all) connection.end();
  }

  /**
   * The one used last, so that the others reach their idle timeout. A closed connection may be in the list until it is
   * noticed.
   */
  #take(): Connection | undefined {
    this.#idle = this.#idle.filter(({ isOpen }) => isOpen);
    return this.#idle.pop();
  }

  #open(): Connection {
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port), noDelay: true });
    const connection = new Connection(socket);
    this.#all.add(connection);
    socket.setTimeout(idleMs, () => {
      if (!connection.isBusy) connection.end();
    });
    socket.once('close', () => this.#all.delete(connection));
    return connection;
  }
}

/** One connection, waiting for at most one response. */
class Connection {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #waiting: PromiseWithResolvers<EngineResponse> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (part: Buffer) => this.#take(part));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The engine closed the connection.')));
  }

  get isOpen(): boolean {
    return this.#socket.writable && !this.#socket.readableEnded;
  }

  get isBusy(): boolean {
    return this.#waiting !== undefined;
  }

  exchange(request: string): Promise<EngineResponse> {
    this.#waiting = Promise.withResolvers();
    this.#socket.write(request);
    return this.#waiting.promise;
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(part: Buffer): void {
    this.#received.push(part);
    try {
      const bytes = this.#received.length === 1 ? part : Buffer.concat(this.#received);
      this.#received = [bytes];
      const response = readResponse(bytes);
      if (!response) return;
      this.#received = [];
      this.#waiting?.resolve(response);
      this.#waiting = undefined;
    } catch (error) {
      this.#fail(error as Error);
      this.end();
    }
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
