/** Dependencies point inwards: contract <- domain <- operations <- functions; adapters implement ports. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(shared|functions|infra|local|clients|test|bench)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    only('contract-imports-nothing', '^shared/contract/', '^shared/contract/'),
    only('domain-is-pure', '^shared/domain/', '^shared/(domain|contract)/'),
    only('operations-use-ports', '^shared/operations/', '^shared/(operations|domain|contract)/|^shared/ports\\.ts$'),
    only('ports-name-domain-types', '^shared/ports\\.ts$', '^shared/(domain|contract)/'),
    only(
      'adapters-implement-ports',
      '^shared/adapters/',
      '^shared/(adapters|domain|contract)/|^shared/(ports|env)\\.ts$',
    ),
    only('functions-wire', '^functions/', '^(functions|shared)/'),
    only('infra-names-files-by-path', '^infra/', '^infra/|^shared/contract/|^shared/env\\.ts$'),
    only('clients-talk-from-outside', '^clients/', '^clients/|^shared/contract/'),
    only(
      'nobody-imports-test',
      '^(shared|functions|infra|local|clients|bench)/',
      '^(shared|functions|infra|local|clients|bench)/',
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
