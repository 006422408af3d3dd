"""How a drawing looks: in a page it takes the page's colours, alone it has its own."""

STYLE = """
.flow-drawing { --f-bg: var(--panel, #fff); --f-text: var(--text, #1a1e24);
  --f-muted: var(--muted, #59626f); --f-line: var(--line-strong, #8d96a3);
  --f-soft: var(--raised, #f4f6f8); --f-accent: var(--accent, #0a63b8);
  --f-accent-soft: var(--accent-soft, #e3eefa); --f-bad: var(--danger, #b3261e);
  --f-warn: var(--warn, #8a4b00); --f-ok: var(--ok, #136f43); --f-ok-soft: var(--ok-soft, #e2f3ea);
  --f-warn-soft: var(--warn-soft, #fdf0d9); --f-end: var(--line, #d8dce2);
  background: var(--f-bg); color: var(--f-text);
  font: 13px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
@media (prefers-color-scheme: dark) {
  .flow-drawing { --f-bg: var(--panel, #191d24); --f-text: var(--text, #e4e8ee);
    --f-muted: var(--muted, #9aa5b3); --f-line: var(--line-strong, #5d6878);
    --f-soft: var(--raised, #20252d); --f-accent: var(--accent, #63aef5);
    --f-accent-soft: var(--accent-soft, #17324c); --f-bad: var(--danger, #ff8a80);
    --f-warn: var(--warn, #f2b661); --f-ok: var(--ok, #6fd3a0);
    --f-ok-soft: var(--ok-soft, #173527);
    --f-warn-soft: var(--warn-soft, #3b2d14); --f-end: var(--line, #2d343e); } }
.flow-drawing text { fill: var(--f-text); }
.flow-drawing .name { font-weight: 600; }
.flow-drawing .detail, .flow-drawing .count, .flow-drawing .person { font-size: 11px;
  fill: var(--f-muted); }
.flow-drawing .count { fill: var(--f-text); font-variant-numeric: tabular-nums; }
.flow-drawing .person { fill: var(--f-ok); }
.flow-drawing .kind { font-size: 11px; fill: var(--f-bg); }
.flow-drawing .badge { fill: var(--f-muted); }
.flow-drawing .shape { fill: var(--f-soft); stroke: var(--f-line); stroke-width: 1.3; }
.flow-drawing .kind-menu .badge, .flow-drawing .kind-digits .badge,
.flow-drawing .kind-listen .badge, .flow-drawing .kind-survey .badge { fill: var(--f-accent); }
.flow-drawing .kind-menu .shape, .flow-drawing .kind-digits .shape,
.flow-drawing .kind-listen .shape, .flow-drawing .kind-survey .shape {
  fill: var(--f-accent-soft); stroke: var(--f-accent); }
.flow-drawing .kind-queue .badge, .flow-drawing .kind-transfer .badge { fill: var(--f-ok); }
.flow-drawing .kind-queue .shape, .flow-drawing .kind-transfer .shape {
  fill: var(--f-ok-soft); stroke: var(--f-ok); stroke-width: 2; }
.flow-drawing .kind-report .badge { fill: var(--f-warn); }
.flow-drawing .kind-report .shape { fill: var(--f-warn-soft); stroke: var(--f-warn); }
.flow-drawing .kind-goodbye .shape, .flow-drawing .kind-return .shape { fill: var(--f-end); }
.flow-drawing .shape.heat { fill: var(--f-accent); }
.flow-drawing .unwalked .shape { stroke-dasharray: 4 3; }
.flow-drawing .hung-up { fill: var(--f-bad); }
.flow-drawing .has-warning .shape { stroke: var(--f-warn); stroke-width: 2.5; }
.flow-drawing .has-error .shape { stroke: var(--f-bad); stroke-width: 2.5; }
.flow-drawing .finding { fill: var(--f-warn); }
.flow-drawing .has-error .finding { fill: var(--f-bad); }
.flow-drawing .finding-mark { fill: var(--f-bg); font-size: 12px; font-weight: 700; }
.flow-drawing .edge { fill: none; stroke: var(--f-line); }
.flow-drawing .edge.unwished { stroke-dasharray: 5 4; }
.flow-drawing .arrow { fill: var(--f-line); }
.flow-drawing .start text { font-size: 11px; fill: var(--f-muted); }
.flow-drawing .cap rect { fill: var(--f-bg); stroke: var(--f-line); }
.flow-drawing .cap text { font-size: 11px; }
.flow-drawing .node:focus { outline: none; }
.flow-drawing .node:focus .shape { stroke: var(--f-accent); stroke-width: 3; }
"""
