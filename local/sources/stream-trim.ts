/** As many as DynamoDB allows to read a shard at the same time. */
const maxReaders = 2;
/** Where a reader is that has not said so yet: before every record. */
const unknown = -1n;

/** Drops the records of a stream that all of its readers have passed. */
export class StreamTrim {
  readonly #trim: (upToSequenceNumber: string) => void;
  readonly #passed = new Map<string, bigint>();
  #trimmed = unknown;

  constructor(trim: (upToSequenceNumber: string) => void) {
    this.#trim = trim;
  }

  /** @throws Error when there are more readers than DynamoDB allows */
  add(reader: string): void {
    this.#passed.set(reader, unknown);
    if (this.#passed.size > maxReaders) {
      throw new Error(`DynamoDB allows ${maxReaders} readers of a stream, not ${[...this.#passed.keys()].join(', ')}.`);
    }
  }

  /** A reader is done with the records up to this one. */
  passed(reader: string, sequenceNumber: string): void {
    this.#passed.set(reader, BigInt(sequenceNumber));
    const slowest = [...this.#passed.values()].reduce((one, other) => (one < other ? one : other));
    if (slowest <= this.#trimmed) return;
    this.#trimmed = slowest;
    this.#trim(String(slowest));
  }
}
