/** How to run a kind of engine. */
export interface DynamoDbProgram {
  /** Files in a folder, any of which identifies its data. */
  dataFiles: readonly string[];
  notes: readonly string[];
  /** What is missing on this machine to run the engine, and what to do about it. */
  missing(): string | undefined;
  /** Where it can listen: on any loopback address, or only on the well-known one. */
  hosts: 'any loopback' | '127.0.0.1';
  /** The access key id under which its tables are stored. */
  keyId(folder: string, temporary: boolean): string;
  command(run: { host: string; port: number; folder: string; temporary: boolean }): { command: string; args: string[] };
  /** Prepares the streams of the running engine. */
  openStreams(folder: string): StreamRecords;
}

export interface StreamRecords {
  trim(tableName: string, upToSequenceNumber: string): void;
  close(): void;
}
