import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Which layer may not import what: model ← components ← lab, widget. */
const forbid = (...group) => ({
  'no-restricted-imports': ['error', { patterns: [{ group, message: 'Imports point down: model ← components ← hosts.' }] }]
});

export default tseslint.config(
  { ignores: ['lib', 'node_modules'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Artifacts and logs are untrusted: render text.'
        },
        {
          selector: "AssignmentExpression[left.property.name='innerHTML']",
          message: 'Artifacts and logs are untrusted: render text.'
        }
      ],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }]
    }
  },
  {
    files: ['src/model/**'],
    rules: forbid('react', 'react-*', '@jupyter*', '@lumino/*', '@xyflow/*', '**/components/**', '**/lab/**', '**/widget/**')
  },
  { files: ['src/components/**'], rules: forbid('@jupyter*', '@lumino/*', '**/lab/**', '**/widget/**') },
  { files: ['src/widget/**'], rules: forbid('@jupyter*', '@lumino/*', '**/lab/**') },
  { files: ['src/lab/**'], rules: forbid('**/widget/**') },
  { files: ['src/model/contract.ts', 'src/**/*.test.{ts,tsx}'], rules: { 'max-lines': 'off' } }
);
