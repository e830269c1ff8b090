/**
 * Replaces, in a simulated process, what the product uses of Node.js and the AWS SDK: time, timers, randomness and AWS
 * calls. Code outside any process, which is that of the simulation itself, is not affected.
 */
import type * as NodeCrypto from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { Client } from '@smithy/core/client';
import { currentProcess } from './process.ts';

const require = createRequire(import.meta.url);

/** Call it once per program. Code outside simulated processes runs as before. */
export function simulateRuntime(): void {
  simulateDate();
  simulateTimers();
  simulateChance();
  simulateAws();
}

function simulateDate(): void {
  const RealDate = Date;
  const now = () => currentProcess.getStore()?.now() ?? RealDate.now();
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
  });
}

/** A timer of a simulated process. */
class Timer {
  readonly cancel: () => void;
  constructor(cancel: () => void) {
    this.cancel = cancel;
  }
  ref = () => this;
  unref = () => this;
  hasRef = () => true;
}

function simulateTimers(): void {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const simulated = {
    setTimeout: (run: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) => {
      const process = currentProcess.getStore();
      return process ? new Timer(process.after(ms, () => run(...values))) : real.setTimeout(run, ms, ...values);
    },
    clearTimeout: (timer: unknown) => {
      if (timer instanceof Timer) timer.cancel();
      else real.clearTimeout(timer as NodeJS.Timeout);
    },
  };
  Object.assign(globalThis, simulated);
  Object.assign(require('node:timers') as object, simulated);
  syncBuiltinESMExports();
}

function simulateChance(): void {
  const crypto = require('node:crypto') as typeof NodeCrypto;
  const real = { randomBytes: crypto.randomBytes, randomInt: crypto.randomInt, random: Math.random };
  const webcrypto = globalThis.crypto;
  const realValues = webcrypto.getRandomValues.bind(webcrypto);
  const chance = () => currentProcess.getStore()?.chance;
  const byte = () => Math.floor((chance()?.fraction() ?? 0) * 256);

  Math.random = () => chance()?.fraction() ?? real.random();
  const randomBytes = (size: number) =>
    chance() ? Buffer.from(Array.from({ length: size }, byte)) : real.randomBytes(size);
  const randomInt = (low: number, high?: number) => {
    const [from, to] = high === undefined ? [0, low] : [low, high];
    const drawn = chance()?.fraction();
    return drawn === undefined ? real.randomInt(from, to) : from + Math.floor(drawn * (to - from));
  };
  const getRandomValues = (values: Uint8Array<ArrayBuffer>) => {
    if (!chance()) return realValues(values);
    values.set(Array.from(values, byte));
    return values;
  };
  Object.assign(crypto, { randomBytes, randomInt });
  Object.defineProperty(webcrypto, 'getRandomValues', { value: getRandomValues });
  syncBuiltinESMExports();
}

type Command = { input: object; constructor: { name: string } };
interface ClientConfig {
  maxAttempts: () => Promise<number>;
}

/** Every client of every service sends its calls to the simulation. */
function simulateAws(): void {
  const prototype = Client.prototype as unknown as { send: (command: Command) => Promise<object> };
  prototype.send = async function (this: { config: ClientConfig }, command: Command): Promise<object> {
    const process = currentProcess.getStore();
    if (!process) throw new Error('AWS is called outside of any simulated process.');
    const action = command.constructor.name.replace(/Command$/, '');
    return process.callAws(process, action, command.input, await this.config.maxAttempts());
  };
}
