import { connect } from '#shared/adapters/connect.ts';
import { serveMcp } from './mcp/serve.ts';
import { mcpPipeline } from './mcp/mcp-pipeline.ts';

const ports = connect(process.env);

/** Every operation that has a tool, over the Model Context Protocol (Streamable HTTP, stateless). */
export const handler = mcpPipeline((request, asking) => serveMcp(ports, request, asking));
