import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { changedByParsing } from '#shared/contract/json-text.ts';
import { exchange, ExchangeError, type Server } from './exchange.ts';
import { BridgeInstance, inUseDetail } from './instances.ts';
import { linesIn } from './lines.ts';
import { failureOf, isRequest, parse, type Message } from './message.ts';
import { Polls } from './polls.ts';

export interface BridgeOptions extends Server {
  stdin: Readable;
  stdout: Writable;
  /** Where to log what it is waiting for. Default: nowhere. */
  log?: ((text: string) => void) | undefined;
  /**
   * How long a registration waits while another process runs the agent, in milliseconds. Default: 45,000, which clients
   * tolerate.
   */
  inUsePatienceMs?: number;
}

const defaultInUsePatienceMs = 45_000;
/** The interval between attempts to register. */
const inUseRetryMs = 3_000;

/**
 * Connects an MCP client on stdin and stdout to Muster: one JSON-RPC message per line, each sent as its own request, so
 * that a restart of the server goes unnoticed. Ends when stdin has ended and every message is answered.
 */
export async function runStdioBridge({ stdin, stdout, ...options }: BridgeOptions): Promise<void> {
  const bridge = new Bridge(options, (message) => stdout.write(`${JSON.stringify(message)}\n`));
  for await (const line of linesIn(stdin)) bridge.take(line);
  await bridge.settled();
}

class Bridge {
  readonly #server: Omit<BridgeOptions, 'stdin' | 'stdout'>;
  readonly #instance = new BridgeInstance();
  readonly #polls = new Polls();
  readonly #write: (message: unknown) => void;
  readonly #inputEnd = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #cancels = new Map<unknown, AbortController>();
  /** The negotiated version, for clients that do not name it in each message. */
  #version: string | undefined;

  constructor(server: Omit<BridgeOptions, 'stdin' | 'stdout'>, write: (message: unknown) => void) {
    this.#server = server;
    this.#write = write;
  }

  /** @param line undefined if the input was not UTF-8 */
  take(line: string | undefined): void {
    const message = line === undefined ? undefined : parse(line);
    if (line === undefined || !message) {
      const what = line === undefined ? 'valid UTF-8' : 'a JSON object';
      this.#write({ jsonrpc: '2.0', id: null, error: { code: -32700, message: `The line is not ${what}.` } });
      return;
    }
    if (message.method === 'notifications/cancelled') {
      // Sent separately, the server could not match it to the request; closing the connection cancels the request
      // there.
      this.#cancels.get(message.params?.['requestId'])?.abort();
      return;
    }
    const work = this.#forward(message, line).finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  /** Waits until every message received before the end of the input is answered. */
  async settled(): Promise<void> {
    this.#inputEnd.abort();
    await Promise.all(this.#underWay);
  }

  async #forward(received: Message, line: string): Promise<void> {
    const message = this.#instance.named(received);
    // A message that parsing would change is forwarded verbatim, so that Muster refuses it and points to the place.
    const body = changedByParsing(line).length > 0 ? line : JSON.stringify(message);
    const cancel = new AbortController();
    if (isRequest(message)) this.#cancels.set(message.id, cancel);
    try {
      await this.#untilDue(message, cancel.signal);
      for (const answer of await this.#exchange(message, body, cancel.signal)) {
        this.#note(message, answer);
        this.#instance.note(message, answer);
        this.#polls.note(message, answer, performance.now());
        // The server reports errors of a whole request without its id, but over stdio the id is the only way to match
        // the response.
        this.#write(answer.id === null && isRequest(message) ? { ...answer, id: message.id } : answer);
      }
    } catch (error) {
      if (cancel.signal.aborted || !isRequest(message)) return;
      const text = error instanceof ExchangeError ? error.message : `The MCP bridge failed: ${String(error)}`;
      this.#write(failureOf(message, text));
    } finally {
      if (this.#cancels.get(message.id) === cancel) this.#cancels.delete(message.id);
    }
  }

  /** Delays a claim that comes too early; gives up if its client is gone. */
  async #untilDue(message: Message, signal: AbortSignal): Promise<void> {
    const delay = this.#polls.delayOf(message, performance.now());
    if (delay <= 0) return;
    const end = AbortSignal.any([signal, this.#inputEnd.signal]);
    await pause(delay, undefined, { signal: end, ref: false }).catch(() => signal.throwIfAborted());
  }

  /** Sends a message. Repeats a registration while another process runs the agent, for as long as clients wait. */
  async #exchange(message: Message, body: string, cancelled: AbortSignal): Promise<Message[]> {
    const { log, inUsePatienceMs = defaultInUsePatienceMs } = this.#server;
    const until = performance.now() + inUsePatienceMs;
    for (;;) {
      const answers = await exchange(this.#server, message, body, this.#version, cancelled);
      const inUse = answers.map((answer) => inUseDetail(message, answer)).find((detail) => detail !== undefined);
      if (inUse === undefined || performance.now() + inUseRetryMs > until) return answers;
      log?.(`Waiting: ${inUse}`);
      await pause(inUseRetryMs, undefined, { signal: cancelled });
    }
  }

  #note({ method }: Message, { result }: Message): void {
    const version = result?.['protocolVersion'];
    if (method === 'initialize' && typeof version === 'string') this.#version = version;
  }
}
