import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/**
 * The statements that register every schema of the protocol by type name; nothing in Muster looks schemas up that way.
 */
const registrations = [
  'for (const key of SPEC_SCHEMA_KEYS) register(key, schemas_exports[key]);',
  'for (const [key, schema] of Object.entries(authSchemas)) register(key, schema);',
];

/** A schema declaration up to its last line; only lines inside it are indented. */
const declaration = /^const (\w+Schema) = (.+?);$(?=\n(?:\n|const |\/\*\*|\/\/#|export ))/gms;

/**
 * Drops the MCP server's unused schemas from a bundle. The server builds a thousand at startup, and four fifths are for
 * clients, for OAuth or for lookup by name. esbuild cannot know that building a schema has no side effects.
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
