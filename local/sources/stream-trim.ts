/** The number of readers of a shard that DynamoDB allows. */
const maxReaders = 2;
/** The position of a reader that has not reported one yet: before every record. */
const unknown = -1n;

/** Deletes the records of a stream that all of its readers have passed. */
export class StreamTrim {
  readonly #trim: (upToSequenceNumber: string) => void;
  readonly #passed = new Map<string, bigint>();
  #trimmed = unknown;

  constructor(trim: (upToSequenceNumber: string) => void) {
    this.#trim = trim;
  }

  /** @throws Error if there are more readers than DynamoDB allows */
  add(reader: string): void {
    this.#passed.set(reader, unknown);
    if (this.#passed.size > maxReaders) {
      throw new Error(`DynamoDB allows ${maxReaders} readers of a stream, not ${[...this.#passed.keys()].join(', ')}.`);
    }
  }

  /** Records that a reader has handled everything up to this record. */
  passed(reader: string, sequenceNumber: string): void {
    this.#passed.set(reader, BigInt(sequenceNumber));
    const slowest = [...this.#passed.values()].reduce((one, other) => (one < other ? one : other));
    if (slowest <= this.#trimmed) return;
    this.#trimmed = slowest;
    this.#trim(String(slowest));
  }
}
