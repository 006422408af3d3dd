// Completion from the flow language's JSON Schema, and from the names in the text itself.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { request } from "../api";

interface Schema {
  properties?: Record<string, Schema>;
  $defs?: Record<string, Schema>;
  const?: string;
  enum?: string[];
  description?: string;
  $ref?: string;
  anyOf?: Schema[];
}

/** The fields of each kind of node, and what stands where a value is chosen from a few. */
export class Language {
  private readonly kinds = new Map<string, Schema>();
  private readonly flow: Schema;
  private readonly defs: Record<string, Schema>;

  constructor(schema: Schema) {
    this.flow = schema;
    this.defs = schema.$defs ?? {};
    for (const part of Object.values(this.defs)) {
      const kind = part.properties?.kind?.const;
      if (kind) this.kinds.set(kind, part);
    }
  }

  static async load(): Promise<Language> {
    return new Language(await request<Schema>("GET", "/api/flow-schema"));
  }

  kindNames(): Completion[] {
    return [...this.kinds].map(([label, { description }]) => option(label, "type", description));
  }

  fields(kind: string | null): Completion[] {
    const schema = kind === null ? this.flow : this.kinds.get(kind);
    return Object.entries(schema?.properties ?? {}).map(([label, { description }]) =>
      option(label, "property", description, `${label}: `),
    );
  }

  values(kind: string | null, field: string): Completion[] {
    const schema = kind === null ? this.flow : this.kinds.get(kind);
    return this.choices(schema?.properties?.[field]).map((label) => option(label, "enum"));
  }

  private choices(schema?: Schema): string[] {
    if (!schema) return [];
    const part = schema.$ref ? this.defs[schema.$ref.replace("#/$defs/", "")] : schema;
    return [...(part?.enum ?? []), ...(part?.anyOf ?? []).flatMap((one) => this.choices(one))];
  }
}

function option(label: string, type: string, info?: string, apply = label): Completion {
  return { label, type, apply, ...(info ? { info: info.replace(/\s+/g, " ") } : {}) };
}

const FLOW_LEVEL = 0;
const SPOKEN = new Set(["prompts", "again", "thanks"]);

/** Where in a flow's text something is typed: the node's kind, and the field before the colon. */
function placeOf(context: CompletionContext): { kind: string | null; field: string } {
  const { state, pos } = context;
  const line = state.doc.lineAt(pos);
  const before = line.text.slice(0, pos - line.from);
  const field = /(?:^|[{,\s])["']?([\w*#]+)["']?:\s*[[\w"'-]*$/.exec(before)?.[1] ?? "";
  const inline = /\bkind:\s*([\w-]+)/.exec(line.text)?.[1];
  if (inline) return { kind: inline, field };
  const depth = before.length - before.trimStart().length;
  if (depth === FLOW_LEVEL) return { kind: null, field };
  for (let number = line.number; number > 0; number -= 1) {
    const { text } = state.doc.line(number);
    const kind = /^\s{3,}kind:\s*([\w-]+)/.exec(text)?.[1];
    if (kind) return { kind, field };
    if (number < line.number && /^\s{0,2}\S/.test(text)) break;
  }
  return kindBelow(context, line.number, field);
}

function kindBelow(context: CompletionContext, from: number, field: string) {
  const { doc } = context.state;
  for (let number = from + 1; number <= doc.lines; number += 1) {
    const { text } = doc.line(number);
    if (/^\s{0,2}\S/.test(text)) break;
    const kind = /^\s{3,}kind:\s*([\w-]+)/.exec(text)?.[1];
    if (kind) return { kind, field };
  }
  return { kind: "", field };
}

/** The names that a flow refers to: its own nodes, all flows, and the prompts there are. */
export interface Names {
  nodes: () => string[];
  flows: string[];
  prompts: string[];
}

/** A source for CodeMirror. */
export function completions(
  language: () => Language | null,
  { nodes, flows, prompts }: Names,
): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const known = language();
    const word = context.matchBefore(/[\w-]*/);
    if (!known || !word || (word.from === word.to && !context.explicit)) return null;
    const { kind, field } = placeOf(context);
    let options: Completion[];
    if (!field) options = known.fields(kind);
    else if (field === "kind") options = known.kindNames();
    else if (field === "flow" && kind === "flow") options = flows.map((name) => option(name, "class"));
    else if (SPOKEN.has(field)) options = prompts.map((name) => option(name, "text"));
    else {
      options = known.values(kind, field);
      if (options.length === 0) options = nodes().map((name) => option(name, "variable"));
    }
    return { from: word.from, options, validFor: /^[\w-]*$/ };
  };
}
