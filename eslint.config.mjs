import { builtinModules } from 'node:module'
import tseslint from 'typescript-eslint'
import { housePlugin, impureFiles, pureFiles } from './scripts/house-rules.mjs'

const nodeGlobals = [
  'process',
  'console',
  'URL',
  'Buffer',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
]

const pureMessage = 'this room is PURE: time, timers, randomness and the outside world are injected'

const restrictedGlobals = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'queueMicrotask',
  'Date',
  'performance',
  'process',
  'Buffer',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'global',
  'require',
]

const restrictedSyntax = [
  'AwaitExpression',
  'ForOfStatement[await=true]',
  ':function[async=true]',
  'ImportExpression',
  "MemberExpression[object.name='Math'][property.name='random']",
  "MemberExpression[object.name='Math'][property.value='random']",
  "VariableDeclarator[init.name='Math'] Property[key.name='random']",
]

export default tseslint.config(
  { ignores: ['dist/', '.build-*/', 'coverage/', 'node_modules/'] },
  {
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    plugins: { house: housePlugin },
    rules: {
      'house/file-name': 'error',
      'house/line-length': ['error', 110],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])) },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error' },
  },
  { files: ['**/*.ts'], extends: [tseslint.configs.recommended] },
  {
    files: ['src/**/*.ts', 'bench/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeCheckedOnly],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'house/no-cycles': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  { files: ['src/**/*.ts'], rules: { 'house/arrows': 'error' } },
  {
    files: pureFiles,
    ignores: impureFiles,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.map((name) => ({ name, message: pureMessage })),
          patterns: [{ group: ['node:*'], message: pureMessage }],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...restrictedGlobals.map((name) => ({ name, message: pureMessage })),
      ],
      'no-restricted-syntax': [
        'error',
        ...restrictedSyntax.map((selector) => ({ selector, message: pureMessage })),
      ],
    },
  },
)
