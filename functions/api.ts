import { connect } from '#shared/adapters/connect.ts';
import { implementationOf } from '#shared/operations/index.ts';
import { perform } from '#shared/operations/perform.ts';
import { httpPipeline } from './http/http-pipeline.ts';

const ports = connect(process.env);

/** Every operation over HTTP. */
export const handler = httpPipeline(({ operation, input, caller }) =>
  perform(implementationOf(operation.name), ports, input, caller),
);
