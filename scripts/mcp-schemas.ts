import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** What makes a schema of each type of the protocol reachable by its name: nothing in Muster asks for one that way. */
const registrations = [
  'for (const key of SPEC_SCHEMA_KEYS) register(key, schemas_exports[key]);',
  'for (const [key, schema] of Object.entries(authSchemas)) register(key, schema);',
];

/** A declaration of a schema, up to the line that ends it: only what is inside of it is indented. */
const declaration = /^const (\w+Schema) = (.+?);$(?=\n(?:\n|const |\/\*\*|\/\/#|export ))/gms;

/**
 * Leaves out of a bundle the schemas of the MCP server that it never uses. The server builds a thousand at its start, and four of
 * five are for clients, for OAuth or for looking up by name. That building one has no effect is what esbuild cannot know.
 */
export const usedMcpSchemas: Plugin = {
  name: 'used-mcp-schemas',
  setup: (build) => {
    build.onLoad({ filter: /@modelcontextprotocol\/core\/dist\/(schemas|auth)-[\w-]+\.mjs$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      const contents = source.replace(declaration, 'const $1 = /* @__PURE__ */ (() => $2)();');
      if (contents === source) throw new Error(`${file} is not as expected.`);
      return { contents, loader: 'js' };
    });
    build.onLoad({ filter: /@modelcontextprotocol\/server\/dist\/src-[\w-]+\.mjs$/ }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      if (!registrations.every((line) => source.includes(line))) throw new Error(`${file} is not as expected.`);
      return { contents: registrations.reduce((text, line) => text.replace(line, ''), source), loader: 'js' };
    });
  },
};
