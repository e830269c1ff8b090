import type { Readable } from 'node:stream';
import { decodedUtf8 } from '#shared/contract/utf8.ts';

const lineFeed = 0x0a;

/** The non-empty lines of a stream; undefined for a line that is not UTF-8. */
export async function* linesIn(stream: Readable): AsyncGenerator<string | undefined, void> {
  let rest: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      yield* decoded([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
  }
  yield* decoded(rest);
}

function* decoded(parts: readonly Buffer[]) {
  const line = decodedUtf8(Buffer.concat(parts));
  if (line?.trim() !== '') yield line;
}
