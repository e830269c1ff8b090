export interface EngineResponse {
  status: number;
  requestId: string;
  body: string;
  /** Whether the connection can be used again. */
  isKept: boolean;
}

const headEnd = '\r\n\r\n';

/**
 * Parses what an engine has sent so far: an HTTP/1.1 response with a length or in chunks.
 * @returns undefined while it is incomplete
 * @throws Error if it is anything else
 */
export function readResponse(bytes: Buffer): EngineResponse | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(`${head.slice(0, 13)} `)?.[1];
  const body = bodyOf(head, bytes, end + headEnd.length);
  if (status === undefined) throw new Error(`The engine answered in no HTTP: ${head.slice(0, 80)}`);
  return (
    body && {
      status: Number(status),
      requestId: header(head, 'x-amzn-requestid') ?? '',
      body: body.toString(),
      isKept: !/\r\nconnection: *close/i.test(head),
    }
  );
}

const header = (head: string, name: string): string | undefined =>
  new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1];

function bodyOf(head: string, bytes: Buffer, start: number): Buffer | undefined {
  const length = header(head, 'content-length');
  if (length !== undefined) {
    const end = start + Number(length);
    return bytes.length >= end ? bytes.subarray(start, end) : undefined;
  }
  if (header(head, 'transfer-encoding')?.toLowerCase() === 'chunked') return chunksOf(bytes, start);
  throw new Error(`The engine answered without a length: ${head.slice(0, 80)}`);
}

function chunksOf(bytes: Buffer, start: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const length = parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!(length >= 0)) throw new Error('The engine answered with a chunk without a length.');
    const end = lineEnd + 2 + length;
    // The last chunk is empty, and neither engine sends trailers: another line break ends the body.
    if (bytes.length < end + 2) return undefined;
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
