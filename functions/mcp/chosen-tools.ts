import { invalidInput } from '#shared/contract/problem.ts';
import { isToolSet, toolSets, type ToolSet } from '#shared/contract/transports/tool-sets.ts';
import { nearNames } from '#shared/domain/near-names.ts';

const parameter = 'tools';

/**
 * The tool set in a client's URL, as in `/mcp?tools=seed`; undefined for all tools.
 * @throws Refusal invalid_input for an unknown set (listing the known ones), or any other parameter
 */
export function chosenTools(query: string): ToolSet | undefined {
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((name) => name !== parameter);
  if (unknown !== undefined) {
    const question = nearNames(unknown, [parameter]).length > 0 ? `; did you mean ${parameter}?` : '';
    throw invalidInput([{ path: [unknown], message: `is not a known parameter${question}` }]);
  }
  const [name, ...more] = parameters.getAll(parameter);
  if (more.length > 0) throw invalidInput([{ path: [parameter], message: 'is given more than once' }]);
  if (name === undefined || isToolSet(name)) return name;
  const shown = JSON.stringify(name.slice(0, 40));
  const message = `must be one of ${Object.keys(toolSets).join(', ')}, not ${shown}; leave it out for all tools`;
  throw invalidInput([{ path: [parameter], message }], {
    hint: 'Change the address in the configuration of the MCP client.',
  });
}
