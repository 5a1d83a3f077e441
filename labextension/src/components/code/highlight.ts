import { syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tagHighlighter, tags } from '@lezer/highlight';

/** Classes instead of colours: those come from the theme, see style/code.css. */
export const highlight: Extension = syntaxHighlighting(
  tagHighlighter([
    { tag: tags.keyword, class: 'jmo-tok-keyword' },
    { tag: [tags.atom, tags.bool, tags.null], class: 'jmo-tok-atom' },
    { tag: tags.number, class: 'jmo-tok-number' },
    { tag: [tags.string, tags.special(tags.string)], class: 'jmo-tok-string' },
    { tag: tags.comment, class: 'jmo-tok-comment' },
    { tag: [tags.definition(tags.variableName), tags.definition(tags.propertyName)], class: 'jmo-tok-def' },
    { tag: [tags.propertyName, tags.attributeName], class: 'jmo-tok-property' },
    { tag: [tags.function(tags.variableName), tags.className], class: 'jmo-tok-function' },
    { tag: [tags.meta, tags.modifier, tags.typeName], class: 'jmo-tok-meta' },
    { tag: [tags.operator, tags.punctuation, tags.separator], class: 'jmo-tok-operator' },
    { tag: tags.invalid, class: 'jmo-tok-invalid' }
  ])
);
