import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { EngineConnections } from '#local/edge/engine-connections.ts';
import { readResponse } from '#local/edge/http-response.ts';

const answer = (body: string, more = '') =>
  `HTTP/1.1 200 OK\r\nX-Amzn-RequestId: one\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;
const ok = { status: 200, requestId: 'one', isKept: true };

test.each([
  ['a body of the stated length', answer('{}'), { ...ok, body: '{}' }],
  ['a refusal', answer('no').replace('200 OK', '400 Bad Request'), { ...ok, status: 400, body: 'no' }],
  ['the end of the connection', answer('{}', 'Connection: close\r\n'), { ...ok, body: '{}', isKept: false }],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n',
    { ...ok, requestId: '', body: 'abc0123456789' },
  ],
])('a response is parsed in whatever pieces it arrives: %s', (_, text, response) => {
  const bytes = Buffer.from(text);
  for (let length = 0; length < bytes.length; length += 1)
    expect(readResponse(bytes.subarray(0, length))).toBeUndefined();
  expect(readResponse(bytes)).toEqual(response);
});

test('an invalid engine response is refused', () => {
  expect(() => readResponse(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('without a length');
  expect(() => readResponse(Buffer.from('220 mail\r\ncontent-length: 0\r\n\r\n'))).toThrow('in no HTTP');
});

/** An engine that responds to each request with its number, or as a test says. */
async function engine(serve: (socket: Socket, request: string) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    // A client that gives up may reset the connection.
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => serve(socket, bytes.toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connectionsTo = () => {
    const connections = new EngineConnections(url);
    onTestFinished(async () => {
      connections.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    });
    return connections;
  };
  return { sockets, connectionsTo };
}

test('a connection is reused, and another one is opened while it is busy', async () => {
  const { sockets, connectionsTo } = await engine((socket, request) =>
    socket.write(answer(request.split('\r\n\r\n')[1] ?? '')),
  );
  const connections = connectionsTo();
  const post = async (body: string) => (await connections.post({ 'x-amz-target': 'Get' }, body)).body;
  expect([await post('1'), await post('2')]).toEqual(['1', '2']);
  expect(sockets).toHaveLength(1);
  expect(await Promise.all([post('3'), post('4')])).toEqual(['3', '4']);
  expect(sockets).toHaveLength(2);
});

test('a request whose connection breaks fails, and the next one gets a new connection', async () => {
  let [broken, served] = [0, 0];
  const { connectionsTo } = await engine((socket) => {
    if (broken === 0) {
      broken += 1;
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    } else {
      served += 1;
      socket.write(answer('{}'));
    }
  });
  const connections = connectionsTo();
  await expect(connections.post({}, '{}')).rejects.toThrow('The engine closed the connection.');
  expect((await connections.post({}, '{}')).body).toBe('{}');
  expect([broken, served]).toEqual([1, 1]);
});

test('a connection closed a moment ago is not reused', async () => {
  const { sockets, connectionsTo } = await engine((socket) => socket.write(answer('{}')));
  const connections = connectionsTo();
  await connections.post({}, '{}');
  connections.close();
  expect((await connections.post({}, '{}')).body).toBe('{}');
  expect(sockets).toHaveLength(2);
});
