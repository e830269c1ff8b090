/**
 * Makes this thread's Date read the moved clock. Dates made from a value are unchanged; timers stay on real time.
 * @param offset one signed 64-bit number in shared memory: milliseconds to add to real time
 */
export function moveDate(offset: BigInt64Array): void {
  const RealDate = Date;
  const now = (): number => RealDate.now() + Number(Atomics.load(offset, 0));
  const MovedDate = new Proxy(RealDate, {
    construct: (target, values: unknown[], newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
  });
  RealDate.prototype.constructor = MovedDate;
  globalThis.Date = MovedDate;
}
