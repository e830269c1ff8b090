/** How to run one kind of engine. */
export interface DynamoDbProgram {
  /** Files in the folder by one of which its data is known. */
  dataFiles: readonly string[];
  notes: readonly string[];
  /** What the machine lacks to run it, and what to do about that. */
  missing(): string | undefined;
  /** Where it can listen: anywhere on this machine, or only where this machine is known to everybody. */
  hosts: 'any loopback' | '127.0.0.1';
  /** The access key id that its tables are kept under. */
  keyId(folder: string, temporary: boolean): string;
  command(run: { host: string; port: number; folder: string; temporary: boolean }): { command: string; args: string[] };
  /** Prepares the streams of the running engine. */
  openStreams(folder: string): StreamRecords;
}

export interface StreamRecords {
  trim(tableName: string, upToSequenceNumber: string): void;
  close(): void;
}
