import { useEffect, useRef } from 'react'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, foldGutter, foldKeymap, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.punctuation, tags.separator], color: 'var(--dim)' },
])

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: '12.5px', maxHeight: '62vh' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--dim)', border: 'none' },
  '.cm-specialChar': { color: 'var(--failed)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
})

/** A document as YAML, to read, fold and copy. Characters that cannot be seen are marked. */
export default function YamlView({ text }: { readonly text: string }) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  useEffect(() => {
    if (place.current === null) return
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: '',
        extensions: [
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': 'The object as YAML, read only' }),
          highlightSpecialChars({
            addSpecialChars: /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu,
          }),
          lineNumbers(),
          foldGutter(),
          keymap.of(foldKeymap),
          yaml(),
          syntaxHighlighting(colours),
          look,
        ],
      }),
    })
    view.current = editor
    return () => {
      view.current = null
      editor.destroy()
    }
  }, [])
  useEffect(() => {
    const editor = view.current
    if (editor !== null && editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
  return <div ref={place} className="yaml" />
}
