import {
  acceptCompletion,
  autocompletion,
  type Completion as CmCompletion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { Annotation, type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder, tooltips } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { ProblemOfNode } from "~/api/types";
import { styleNonce } from "~/app/boot";
import { complete, type Known } from "~/graph/expressions/completion";
import { highlighting, look, typingOver } from "./codeMirror";
import styles from "./ExpressionEditor.module.css";

interface ExpressionEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Those of this expression alone. */
  problems: readonly ProblemOfNode[];
  known: Known;
  hint?: string | undefined;
  /** Several lines from the start: for SQL and code. */
  tall?: boolean;
}

/** A change that came from outside is no edit of the person's. */
const fromOutside = Annotation.define<boolean>();

/** What can stand at the cursor, as CodeMirror wants it; where it goes is looked up anew when it is chosen. */
function source(known: () => Known) {
  return (context: CompletionContext): CompletionResult | null => {
    const text = context.state.doc.toString();
    const found = complete(text, context.pos, known(), context.explicit);
    if (found === null || found.options.length === 0) return null;
    const quoted = /["']/.test(text[found.from] ?? "") && found.from < context.pos;
    return {
      from: quoted ? found.from + 1 : found.from,
      options: found.options.map(
        (option): CmCompletion => ({
          label: option.label,
          type: option.kind,
          detail: option.detail,
          ...(option.info && { info: option.info }),
          boost: option.kind === "column" ? 20 : option.kind === "keyword" ? -10 : 0,
          apply: (view, _, __, to) => {
            const place = complete(view.state.doc.toString(), to, known(), true) ?? found;
            const caret = place.from + option.insert.length - (option.inside ? 1 : 0);
            view.dispatch({
              changes: { from: place.from, to: Math.max(place.to, to), insert: option.insert },
              selection: { anchor: caret },
              userEvent: "input.complete",
            });
          },
        }),
      ),
    };
  };
}

function extensions(
  label: string,
  hint: string,
  known: () => Known,
  edited: (text: string) => void,
): Extension {
  return [
    EditorView.cspNonce.of(styleNonce()),
    history(),
    closeBrackets(),
    bracketMatching(),
    autocompletion({
      override: [source(known)],
      icons: false,
      closeOnBlur: true,
      maxRenderedOptions: 60,
      // Enter takes what is shown, however soon it comes: by default a quick one breaks the line instead.
      interactionDelay: 0,
    }),
    tooltips({ parent: document.body }),
    Prec.high(keymap.of([{ key: "Tab", run: acceptCompletion }])),
    // Ctrl-Enter runs the workflow, so it makes no line here.
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter" && key !== "Escape"),
    ]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    placeholder(hint),
    typingOver,
    highlighting,
    look,
    EditorView.updateListener.of((update) => {
      const own = update.transactions.some((each) => each.docChanged && !each.annotation(fromOutside));
      if (own) edited(update.state.doc.toString());
    }),
  ];
}

function diagnostics(problems: readonly ProblemOfNode[], length: number): Diagnostic[] {
  return problems.flatMap(({ position, message, severity }) => {
    if (!position || length === 0) return [];
    const to = Math.min(Math.max(position.end, position.start + 1), length);
    return [{ from: Math.min(position.start, to - 1), to, severity, message }];
  });
}

/** An expression in either spelling: coloured, completed from the columns that arrive, its errors underlined. */
export function ExpressionEditor(props: ExpressionEditorProps) {
  const { label, value, problems, hint = "", tall = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes later is handed in below
  useEffect(() => {
    if (host.current === null) return;
    const made = new EditorView({
      doc: value,
      extensions: extensions(
        label,
        hint,
        () => latest.current.known,
        (text) => latest.current.onChange(text),
      ),
      parent: host.current,
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: value },
      annotations: fromOutside.of(true),
    });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    editor.dispatch(setDiagnostics(editor.state, diagnostics(problems, editor.state.doc.length)));
  }, [problems]);

  const wrong = problems.some(({ severity }) => severity === "error");
  return <div ref={host} className={styles.editor} data-wrong={wrong} data-tall={tall} />;
}
