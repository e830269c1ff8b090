import { existsSync } from 'node:fs';
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build/', 'cdk.out/', '.muster/', '**/node_modules/', 'test/generators/'] },
  // They have their own lock files; a test checks their types.
  { ignores: ['examples/{vercel-ai,fleet,mcp-agent}/'] },
  // Unless their own packages are installed, their types are unknown.
  {
    ignores: ['test/browser', 'bench/peers']
      .filter((folder) => !existsSync(`${folder}/node_modules`))
      .map((folder) => `${folder}/`),
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['shared/**/*.ts', 'functions/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'NewExpression[callee.name=/Client$/]',
          message:
            'Without time limits a call can hang: make AWS clients with awsClient (shared/adapters/aws-clients.ts).',
        },
        {
          selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword',
          message:
            'A type that needs this is not what the value is: narrow it, or read it in one of the declared edges.',
        },
      ],
    },
  },
  {
    // The boundaries where types are asserted: parsed JSON, and items that these files wrote themselves.
    files: ['shared/contract/nouns.ts', 'shared/adapters/task-item.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable' } },
  },
);
