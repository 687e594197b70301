/** How a page looks; the picture in it has a style of its own. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #566272; --paper: #ffffff; --panel: #f4f6f8; --line: #d5dbe2; --good: #1a7a3c; --bad: #b3152a; --mark: #fff3c4; --link: #0059a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --quiet: #9aa6b4; --paper: #14181d; --panel: #1d232b; --line: #38424f; --good: #63d08a; --bad: #ff7d8b; --mark: #4d3d0f; --link: #7cc0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 1400px; background: var(--paper); color: var(--ink); font: 15px/1.5 "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
a { color: var(--link); }
h1 { margin: 0; font-size: 22px; } h2 { font-size: 19px; margin: 0 0 8px; } h3 { font-size: 15px; margin: 20px 0 6px; } h4 { font-size: 13px; margin: 10px 0 4px; }
h2 small { font-weight: 400; color: var(--quiet); font-size: 15px; }
header { display: flex; gap: 16px; align-items: baseline; flex-wrap: wrap; margin-bottom: 12px; }
header p { margin: 0; }
section { border-top: 2px solid var(--line); padding: 20px 0; }
.good { color: var(--good); } .bad, .drop { color: var(--bad); } .quiet { color: var(--quiet); font-weight: 400; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 600; }
td.n { text-align: right; }
nav td:nth-child(1), nav td:nth-child(2) { white-space: nowrap; }
caption { text-align: left; color: var(--quiet); padding: 4px 0; }
pre { margin: 4px 0; padding: 8px; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; font: 12px/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; }
code { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; overflow-wrap: anywhere; }
details { margin: 4px 0; } summary { cursor: pointer; }
.steps > li { margin: 8px 0; padding-left: 4px; } .steps > li.now { background: var(--mark); }
.steps p { margin: 2px 0; overflow-wrap: anywhere; }
.way { font-size: 13px; color: var(--quiet); }
.checks { list-style: none; margin: 4px 0; padding: 0; font-size: 13px; }
.player { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px; margin: 10px 0; }
.player:focus-visible, button:focus-visible, select:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.picture { overflow-x: auto; background: var(--paper); border-radius: 6px; }
.picture svg { display: block; width: 100%; height: auto; margin: 0 auto; }
.controls { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 8px; }
.controls[hidden] { display: none; }
.controls button, .controls select { font: inherit; font-size: 13px; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 5px; padding: 4px 9px; max-width: 100%; }
.controls label { font-size: 13px; color: var(--quiet); display: flex; gap: 5px; align-items: center; min-width: 0; }
.controls select { max-width: min(320px, 70vw); }
.now { font-size: 13px; margin: 8px 0 4px; min-height: 3em; }
.trace { max-height: 330px; overflow-y: auto; }
.trace td { white-space: nowrap; } .trace td:last-child { white-space: normal; min-width: 260px; }
.trace tr { cursor: pointer; } .trace tr.now { background: var(--mark); } .trace tr.ahead { opacity: .55; }
.trace .changes { color: var(--quiet); font-size: 12px; }
.cw rect.here { stroke-width: 2.6; stroke: #0064b0; }
.cw .packet { stroke: #ffffff; stroke-width: 1.5; } .cw .arp.way { stroke: #77808c; fill: none; } .cw .arp.mark { fill: #77808c; }
@media (prefers-color-scheme: dark) { .cw rect.here { stroke: #5db0ff; } .cw .packet { stroke: #14181d; } }
@media (max-width: 600px) { body { padding: 8px; font-size: 14px; } .steps { padding-left: 22px; } }
@media print { .controls, .now, .trace { display: none; } details > * { display: block; } }
`;
