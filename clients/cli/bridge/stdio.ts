import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { exchange, NoAnswer, type Server } from './exchange.ts';
import { failureOf, isRequest, parse, type Message } from './message.ts';

export interface BridgeOptions extends Server {
  stdin: Readable;
  stdout: Writable;
}

/**
 * Connects an MCP client on stdin and stdout to a Muster: one JSON-RPC message per line, each sent as its own request, so
 * that a restart of the server goes unnoticed. Ends when stdin has ended and everything is answered.
 */
export async function runStdioBridge({ stdin, stdout, ...server }: BridgeOptions): Promise<void> {
  const bridge = new Bridge(server, (message) => stdout.write(`${JSON.stringify(message)}\n`));
  for await (const line of createInterface({ input: stdin, crlfDelay: Infinity })) {
    if (line.trim() !== '') bridge.take(line);
  }
  await bridge.settled();
}

class Bridge {
  readonly #server: Server;
  readonly #write: (message: unknown) => void;
  readonly #underWay = new Set<Promise<void>>();
  readonly #cancels = new Map<unknown, AbortController>();
  /** What was negotiated, by clients that do not name the version in each message. */
  #version: string | undefined;

  constructor(server: Server, write: (message: unknown) => void) {
    this.#server = server;
    this.#write = write;
  }

  take(line: string): void {
    const message = parse(line);
    if (!message) {
      this.#write({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'The line is not a JSON object.' } });
      return;
    }
    if (message.method === 'notifications/cancelled') {
      // To another request the server could not relate it: to hang up is what cancels there.
      this.#cancels.get(message.params?.['requestId'])?.abort();
      return;
    }
    const work = this.#forward(message).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #forward(message: Message): Promise<void> {
    const cancel = new AbortController();
    if (isRequest(message)) this.#cancels.set(message.id, cancel);
    try {
      for (const answer of await exchange(this.#server, message, this.#version, cancel.signal)) {
        this.#note(message, answer);
        // What is wrong with the request as a whole is answered without its id, which over stdio is all there is to know it by.
        this.#write(answer.id === null && isRequest(message) ? { ...answer, id: message.id } : answer);
      }
    } catch (error) {
      if (cancel.signal.aborted || !isRequest(message)) return;
      const text = error instanceof NoAnswer ? error.message : `The MCP bridge failed: ${String(error)}`;
      this.#write(failureOf(message, text));
    } finally {
      if (this.#cancels.get(message.id) === cancel) this.#cancels.delete(message.id);
    }
  }

  #note({ method }: Message, { result }: Message): void {
    const version = result?.['protocolVersion'];
    if (method === 'initialize' && typeof version === 'string') this.#version = version;
  }
}
