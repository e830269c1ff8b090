/** How to run one kind of engine. */
export interface DynamoDbProgram {
  /** Name of its data file in the folder. */
  dataFile: string;
  notes: readonly string[];
  /** What the machine lacks to run it, and what to do about that. */
  missing(): string | undefined;
  command(run: { port: number; folder: string; temporary: boolean }): { command: string; args: string[] };
  /** Prepares the streams of the running engine. */
  openStreams(folder: string): StreamRecords;
}

export interface StreamRecords {
  trim(tableName: string, upToSequenceNumber: string): void;
  close(): void;
}
