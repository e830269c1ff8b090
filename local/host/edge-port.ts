import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { LocalEdge } from '../edge/call-edge.ts';
import type { EdgeAnswerMessage, EdgeRequestMessage } from './messages.ts';

/** A port through which a worker's requests reach the edge as over HTTP. It closes with the worker. */
export function edgePort(edge: LocalEdge): MessagePort {
  const { port1: here, port2: there } = new MessageChannel();
  here.on('message', ({ id, ...wire }: EdgeRequestMessage) => {
    void edge.request(wire).then((answer) => here.postMessage({ id, answer } satisfies EdgeAnswerMessage));
  });
  return there;
}
