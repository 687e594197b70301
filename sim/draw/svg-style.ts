/**
 * How pictures look. Colours are those of figures in print: pale fills, dark text, and never colour alone. Fonts are
 * whatever the viewer has, Chinese ones among them; none is fetched.
 */
export const SVG_STYLE = `
.cw { font-family: "Segoe UI", "Helvetica Neue", Arial, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans", sans-serif; }
.cw .paper { fill: #ffffff; }
.cw text { fill: #1c2430; }
.cw text.quiet { fill: #5b6675; }
.cw rect { stroke-width: 1; }
.cw .node { fill: #f4f6f8; stroke: #aab4c0; }
.cw .space { fill: #ffffff; stroke: #b9c2cd; }
.cw .idle { fill: none; stroke: #b9c2cd; stroke-dasharray: 4 3; }
.cw .application { fill: #f1ecfa; stroke: #a792d0; }
.cw .kernel { fill: #e6f0fb; stroke: #84a9d6; }
.cw .comware { fill: #fdeedd; stroke: #d9a266; }
.cw .bridge { fill: #e5f3e8; stroke: #82b48b; }
.cw .device { fill: #ffffff; stroke: #84a9d6; }
.cw .port { fill: #ffffff; stroke: #82b48b; }
.cw .down { stroke-dasharray: 3 2; }
.cw .wire { fill: none; stroke: #5f6b7a; stroke-width: 1.6; }
.cw .wire.veth { stroke: #82b48b; stroke-width: 1.4; }
.cw .wire.cut { stroke-dasharray: 2 4; }
.cw [class^="on-"] text { paint-order: stroke; stroke-width: 3px; stroke-linejoin: round; }
.cw .on-node text { stroke: #f4f6f8; }
.cw .on-space text { stroke: #ffffff; }
.cw .on-application text { stroke: #f1ecfa; }
.cw .on-kernel text { stroke: #e6f0fb; }
.cw .on-comware text { stroke: #fdeedd; }
.cw .on-bridge text { stroke: #e5f3e8; }
.cw .on-device text { stroke: #ffffff; }
.cw .on-port text { stroke: #ffffff; }
.cw .halo { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round; }
.cw .way { fill: none; stroke-width: 2.6; stroke-linejoin: round; stroke-linecap: round; }
.cw .there.way { stroke: #0064b0; }
.cw .back.way { stroke: #c2500a; stroke-dasharray: 7 4; }
.cw .there.mark { fill: #0064b0; }
.cw .back.mark { fill: #c2500a; }
.cw .dropped.mark { fill: #c0182b; }
.cw .change.mark { fill: #ffe9a8; stroke: #a87b00; }
.cw text.on-mark { fill: #ffffff; }
.cw text.on-change { fill: #4d3900; }
@media (prefers-color-scheme: dark) {
.cw .paper { fill: #14181d; }
.cw text { fill: #e4e9ef; }
.cw text.quiet { fill: #9aa6b4; }
.cw .node { fill: #1d232b; stroke: #4b5766; }
.cw .space { fill: #171c22; stroke: #465161; }
.cw .idle { stroke: #465161; }
.cw .application { fill: #2c2440; stroke: #7f6bb0; }
.cw .kernel { fill: #18293d; stroke: #4a75a8; }
.cw .comware { fill: #3a2813; stroke: #a8743a; }
.cw .bridge { fill: #172d1d; stroke: #4d8a59; }
.cw .device { fill: #171c22; stroke: #4a75a8; }
.cw .port { fill: #171c22; stroke: #4d8a59; }
.cw .wire { stroke: #9aa6b4; }
.cw .wire.veth { stroke: #4d8a59; }
.cw .on-node text { stroke: #1d232b; }
.cw .on-space text { stroke: #171c22; }
.cw .on-application text { stroke: #2c2440; }
.cw .on-kernel text { stroke: #18293d; }
.cw .on-comware text { stroke: #3a2813; }
.cw .on-bridge text { stroke: #172d1d; }
.cw .on-device text { stroke: #171c22; }
.cw .on-port text { stroke: #171c22; }
.cw .halo { stroke: #14181d; }
.cw .there.way { stroke: #5db0ff; }
.cw .back.way { stroke: #ff9d57; }
.cw .there.mark { fill: #5db0ff; }
.cw .back.mark { fill: #ff9d57; }
.cw .dropped.mark { fill: #ff6b7a; }
.cw .change.mark { fill: #4d3d0f; stroke: #d9b13b; }
.cw text.on-mark { fill: #10151b; }
.cw text.on-change { fill: #ffe9a8; }
}
`;
