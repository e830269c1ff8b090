/**
 * Dependencies point inward: contract, schema <- domain <- wire <- steps <- operations, reactions <- functions;
 * adapters implement ports.
 */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(shared|functions|infra|local|clients|examples|scripts|test|bench)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('contract-imports-nothing', '^shared/contract/', '^shared/contract/'),
    only('schema-imports-nothing', '^shared/schema\\.ts$', '^shared/schema\\.ts$'),
    only('domain-is-pure', '^shared/domain/', '^shared/(domain|contract)/|^shared/schema\\.ts$'),
    only('ports-name-domain-types', '^shared/ports\\.ts$', '^shared/(domain|contract)/'),
    only('wire-presents-records', '^shared/wire/', '^shared/(wire|domain|contract)/|^shared/ports\\.ts$'),
    only(
      'steps-are-below-operations',
      '^shared/steps/',
      '^shared/(steps|wire|domain|contract)/|^shared/(ports|batches)\\.ts$',
    ),
    only(
      'operations-are-no-reactions',
      '^shared/operations/',
      '^shared/(operations|steps|wire|domain|contract)/|^shared/(ports|batches)\\.ts$',
    ),
    only(
      'reactions-are-no-operations',
      '^shared/reactions/',
      '^shared/(reactions|steps|wire|domain|contract)/|^shared/(ports|batches)\\.ts$',
    ),
    only(
      'adapters-implement-ports',
      '^shared/adapters/',
      '^shared/(adapters|domain|contract)/|^shared/(ports|env|schema|batches)\\.ts$',
    ),
    only('functions-wire', '^functions/', '^(functions|shared)/'),
    only(
      'infra-names-files-by-path',
      '^infra/',
      '^infra/|^shared/contract/|^shared/(env|schema)\\.ts$|^scripts/bundle\\.ts$',
    ),
    only('clients-talk-from-outside', '^clients/', '^clients/|^shared/contract/'),
    only('examples-use-the-sdk', '^examples/', '^examples/|^clients/sdk/|^shared/contract/'),
    only(
      'nobody-imports-test',
      '^(shared|functions|infra|local|clients|examples|scripts|bench)/',
      '^(shared|functions|infra|local|clients|examples|scripts|bench)/',
    ),
    {
      name: 'only-adapters-call-aws',
      severity: 'error',
      from: { path: '^shared/', pathNot: '^shared/adapters/' },
      to: { path: 'node_modules/@aws-sdk/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
