// The text of a flow: CodeMirror with YAML, the findings in its margin, and the comparison.
import { autocompletion, completionKeymap, type CompletionSource } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { t } from "../i18n";
import { look } from "./look";
import type { Finding } from "./types";

interface Wishes {
  text: string;
  complete: CompletionSource;
  changed: () => void;
  /** The cursor came to another line. */
  moved: (line: number) => void;
}

/** CodeMirror's own words, where ours are not in English already. */
function words(): Record<string, string> {
  return {
    "$ unchanged lines": t("flows.unchanged_lines", { lines: "$" }),
    Find: t("flows.find"),
    Replace: t("flows.replace"),
    next: t("flows.find_next"),
    previous: t("flows.find_previous"),
    all: t("flows.find_all"),
    "match case": t("flows.find_case"),
    "by word": t("flows.find_word"),
    regexp: t("flows.find_regexp"),
    replace: t("flows.replace"),
    "replace all": t("flows.replace_all"),
    close: t("base.close"),
  };
}

export class FlowEditor {
  private readonly view: EditorView;
  private readonly comparison = new Compartment();
  private line = 1;

  constructor(place: HTMLElement, private readonly wishes: Wishes) {
    // In a shadow root its styles are sheets, not <style> elements, which our policy refuses.
    const root = place.attachShadow({ mode: "open" });
    const holder = document.createElement("div");
    holder.style.height = "100%";
    root.append(holder);
    const state = EditorState.create({ doc: wishes.text, extensions: this.extensions() });
    this.view = new EditorView({ state, parent: holder, root });
    new ResizeObserver(() => this.keepCursor()).observe(place);
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  set text(text: string) {
    const { length } = this.view.state.doc;
    this.view.dispatch({ changes: { from: 0, to: length, insert: text } });
  }

  focus(): void {
    this.view.focus();
  }

  /** Put the cursor on a line, in view, and the keyboard into the text. */
  goTo(number: number): void {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
    const start = line.from + (line.text.length - line.text.trimStart().length);
    this.view.dispatch({
      selection: { anchor: start },
      effects: EditorView.scrollIntoView(start, { y: "center" }),
    });
    this.view.focus();
  }

  show(findings: Finding[]): void {
    const diagnostics = findings.map((finding) => this.diagnostic(finding));
    diagnostics.sort((a, b) => a.from - b.from);
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  /** Show what differs from `original`; null ends the comparison. */
  compare(original: string | null): void {
    const extension: Extension =
      original === null
        ? []
        : unifiedMergeView({ original, mergeControls: false, collapseUnchanged: { margin: 4 } });
    this.view.dispatch({ effects: this.comparison.reconfigure(extension) });
  }

  /** What opens below must not cover the line that is being typed. */
  private keepCursor(): void {
    if (!this.view.hasFocus) return;
    const { head } = this.view.state.selection.main;
    this.view.dispatch({ effects: EditorView.scrollIntoView(head, { y: "nearest", yMargin: 24 }) });
  }

  private diagnostic({ line, severity, text }: Finding): Diagnostic {
    const { doc } = this.view.state;
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const from = at.from + (at.text.length - at.text.trimStart().length);
    return { from, to: Math.max(at.to, from), severity, message: text };
  }

  private extensions(): Extension[] {
    return [
      EditorState.phrases.of(words()),
      lineNumbers(),
      lintGutter(),
      foldGutter(),
      history(),
      drawSelection(),
      bracketMatching(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      search({ top: true }),
      yaml(),
      indentUnit.of("  "),
      autocompletion({ override: [this.wishes.complete] }),
      keymap.of([
        ...completionKeymap,
        ...searchKeymap,
        ...historyKeymap,
        ...foldKeymap,
        ...lintKeymap,
        ...defaultKeymap,
        indentWithTab,
      ]),
      EditorView.contentAttributes.of({ "aria-label": t("flows.text"), spellcheck: "false", tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.wishes.changed();
        const { head } = update.state.selection.main;
        const line = update.state.doc.lineAt(head).number;
        if (line !== this.line) {
          this.line = line;
          this.wishes.moved(line);
        }
      }),
      this.comparison.of([]),
      look,
    ];
  }
}
