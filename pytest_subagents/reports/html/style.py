"""The one style sheet of all pages; a constant, so that its hash in the content security policy is one."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;
--bg:light-dark(#fff,#14171a);--panel:light-dark(#f5f6f8,#1d2125);--ink:light-dark(#1b1f24,#e6e8ea);
--soft:light-dark(#56606b,#a3adb8);--line:light-dark(#d5dae0,#3a4149);--link:light-dark(#0b57b0,#8ab8ff);
--success:light-dark(#006ead,#2fa8e0);--partial:light-dark(#8f5b00,#ffb92e);--failed:light-dark(#8c1020,#ff6f66);
--not-run:light-dark(#5f6770,#c9ced4);--add:light-dark(#e3f2fb,#0f2e40);--del:light-dark(#fdeee3,#45260f);
--mark:light-dark(#fdeceb,#43191b);--text:light-dark(#1d5a2c,#a5d6a7)}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
html{scroll-padding-top:12px}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
[hidden]{display:none!important}
.skip{position:absolute;left:-99em}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px;z-index:1}
header,main,footer{max-width:1180px;margin:0 auto;padding:0 24px}
header{padding-top:20px}footer{padding:28px 24px 40px}
h1{font-size:24px;line-height:1.3;margin:0 0 4px}h2{font-size:19px;margin:40px 0 10px}h3{font-size:17px;margin:0 0 6px}
h4{font-size:15px;margin:18px 0 6px}
p{margin:6px 0}
.lead{font-size:17px;margin:0}.soft{color:var(--soft)}
.mono{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px}
.top{display:flex;flex-wrap:wrap;gap:8px 24px;justify-content:space-between;align-items:start}
.tools{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center}div.tools{margin-bottom:8px}
nav.parts{display:flex;flex-wrap:wrap;gap:2px 18px;margin:14px 0 0;padding:8px 0;border-block:1px solid var(--line)}
nav.parts a{padding:3px 0}
button,input,select{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:5px;
padding:3px 9px;min-height:30px}
button{cursor:pointer}
.tools label{max-width:100%;display:flex;gap:4px 8px;align-items:center}
input[type=search]{width:24em;flex:0 1 24em;min-width:0}
input[type=checkbox]{min-height:0;width:16px;height:16px;vertical-align:-3px}
kbd{font:600 12px ui-monospace,monospace;border:1px solid var(--line);border-radius:4px;padding:1px 6px;
background:var(--panel)}
.st{white-space:nowrap;font-weight:600}
td .st{display:flex;white-space:normal;min-width:5.6em}
td .st .ic{flex:none;margin-top:3px}
.ic{width:16px;height:16px;vertical-align:-3px;margin-right:6px}
.s-success{color:var(--success)}.s-partial{color:var(--partial)}.s-failed{color:var(--failed)}
.s-not_run{color:var(--not-run)}.s-expected{color:var(--soft)}
.box{border:1px solid var(--line);border-radius:7px;background:var(--panel);padding:10px 16px}
.box.bad{border-left:5px solid var(--failed)}.box.good{border-left:5px solid var(--success)}
.need{display:grid;grid-template-columns:max-content minmax(6em,max-content) minmax(0,1fr);gap:6px 18px;margin:0;
padding:0;list-style:none}
.need li{display:grid;grid-template-columns:subgrid;grid-column:1/-1;align-items:baseline}
.need li>*,.gates li{min-width:0;overflow-wrap:anywhere}.need .name{max-width:24em}
.box+h3{margin-top:20px}
.gates{display:flex;flex-wrap:wrap;gap:4px 22px;margin:8px 0 0;padding:0;list-style:none}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--soft);padding:0 0 6px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:600;white-space:nowrap;vertical-align:baseline}
tbody th{font-weight:400}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.n:last-child,th.n:last-child{padding-right:0}
th button{border:0;background:none;padding:0;font-weight:600;color:inherit;min-height:26px}
th[aria-sort] button{color:var(--ink);text-decoration:underline}
tbody tr:hover{background:var(--panel)}
tr.here{outline:3px solid var(--link);outline-offset:-3px}
.why{overflow-wrap:anywhere;min-width:14em}
.name{font-weight:600;overflow-wrap:break-word;min-width:6em;max-width:22em}
.who{overflow-wrap:break-word;max-width:9em}
.quick{display:flex;flex-wrap:wrap;gap:6px 8px}
.quick button{display:flex;align-items:center;gap:0 6px;border-color:var(--line);border-radius:15px}
.quick .ic{display:block;margin:0}
.quick button[aria-pressed=true]{background:var(--panel);border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}
.agent{border-top:1px solid var(--line);padding-top:18px;margin-top:26px}
.agent,.step,.file{content-visibility:auto}
.agent{contain-intrinsic-size:auto 600px}.step{contain-intrinsic-size:auto 34px}.file{contain-intrinsic-size:auto 120px}
.agent.line{font-size:15px;font-weight:400;margin:0;padding:5px 4px}
.agent.line+.agent.line{content-visibility:visible}
.head{display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline;justify-content:space-between}
.head h3{overflow-wrap:anywhere}
.facts{display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft);margin:0;padding:0;list-style:none}
.reasons{margin:8px 0;padding:0;list-style:none}.reasons li{margin:4px 0;overflow-wrap:anywhere}
details{margin:0}
summary{cursor:pointer;padding:6px 4px;min-height:34px}
details.part{border-top:1px solid var(--line)}
details.part>summary{font-weight:600}
details.part>summary h4{display:inline;margin:0}
details.part>summary .soft{font-weight:400}
details.part>div{padding:2px 4px 14px 20px}
pre{margin:0;padding:8px 12px;white-space:pre-wrap;overflow-wrap:anywhere;
font:13px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;font-variant-ligatures:none;background:var(--panel);
border:1px solid var(--line);border-radius:5px;max-height:34rem;overflow:auto;tab-size:4}
pre.answer span,pre.diff span{display:block;min-height:1.5em}
bdi{unicode-bidi:isolate}
.ctl{font:700 11px/1 ui-monospace,monospace;border:1px solid var(--partial);color:var(--partial);padding:0 3px;
border-radius:3px}
.bad-value{background:var(--mark);border-left:4px solid var(--failed);margin-left:-12px;padding-left:8px}
.note{color:var(--failed);font-weight:600;font-family:system-ui,sans-serif}
pre.diff{padding:8px 0}
pre.diff span{padding:0 12px 0 12ch;text-indent:-12ch}
pre.diff span::before,pre.diff i::before{text-indent:0}
pre.diff span::before{content:attr(data-o) "\\00a0";display:inline-block;width:5ch;text-align:right;color:var(--soft)}
pre.diff i{font-style:normal}
.cc{color:var(--soft)}.cs{color:var(--text)}.cw{font-weight:600}
pre.diff i[data-n]::before{content:attr(data-n) "\\00a0";
display:inline-block;width:6ch;text-align:right;color:var(--soft)}
.a{background:var(--add)}.d{background:var(--del)}.h{color:var(--soft);background:var(--panel)}
.file{margin:10px 0 14px}
.file .head{margin-bottom:4px}
.out{color:var(--failed);font-weight:600}
.plus{color:var(--success)}.minus{color:var(--partial)}
.step{border-bottom:1px solid var(--line)}
.step>summary,p.step{display:grid;grid-template-columns:6ch 7.5em minmax(0,1fr) fit-content(14em);gap:0 12px;margin:0;
padding:5px 4px;list-style:none;min-height:34px}
.step>summary::-webkit-details-marker{display:none}
.step>summary .num::before{content:"\\25B8";display:inline-block;width:1.1em;color:var(--soft)}
.step[open]>summary .num::before{content:"\\25BE"}
.num{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
.step>summary .num,p.step .num{min-width:5.5ch}
p.step .num{padding-left:1.1em}
.one{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.end{color:var(--soft);text-align:right;overflow-wrap:anywhere;min-width:0}
.step>div{padding:2px 4px 12px 5.5ch}
.step.k-error .what,.step.bad .what{color:var(--failed);font-weight:600}
.step.child{margin-left:20px;border-left:3px solid var(--line);padding-left:6px}
.session{margin:14px 0 4px;padding:6px 10px;background:var(--panel);border:1px solid var(--line);border-radius:5px}
.kinds{display:flex;flex-wrap:wrap;gap:4px 16px;border:0;padding:0;margin:4px 0 8px}
.kinds legend{float:left;padding:0;margin-right:12px;color:var(--soft)}
.kinds label{min-height:26px}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}svg .dim{fill:var(--soft)}
svg .axis{stroke:var(--line)}svg .bar{fill:currentColor}svg .edge{stroke:var(--soft);fill:none;stroke-width:1.5}
svg .edge.crit{stroke:var(--ink);stroke-width:3}
svg .edge.dead{stroke-dasharray:5 4}svg .edge.apart{stroke-dasharray:1 4}
svg .node{fill:var(--panel);stroke:var(--line)}svg .node.crit{stroke:var(--ink);stroke-width:2.5}
svg .wait{stroke:currentColor;stroke-width:1.5;stroke-dasharray:1 4}
svg a:hover text{text-decoration:underline}
.level::before{content:"\\25AF\\25AF\\25AF\\25AF" / "";letter-spacing:-1px;font-size:13px;margin-right:9px}
.level[data-bars="1"]::before{content:"\\25AE\\25AF\\25AF\\25AF" / ""}
.level[data-bars="2"]::before{content:"\\25AE\\25AE\\25AF\\25AF" / ""}
.level[data-bars="3"]::before{content:"\\25AE\\25AE\\25AE\\25AF" / ""}
.level[data-bars="4"]::before{content:"\\25AE\\25AE\\25AE\\25AE" / ""}
.title::after{content:"\\A";white-space:pre}
.by{color:var(--soft)}#regrouped .by::before{content:attr(data-file)}
h3 .mono{font-size:14px}
.new{border:1px solid var(--ink);border-radius:3px;padding:0 5px;font-size:12px}
.findings{margin:6px 0 18px;padding:0;list-style:none}
.findings li{display:grid;grid-template-columns:8em minmax(0,1fr);padding:6px 0;border-top:1px solid var(--line)}
.level{white-space:nowrap}
dl.pairs{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 18px;margin:0}
dl.pairs dt{color:var(--soft)}dl.pairs dd{margin:0;overflow-wrap:anywhere}
dialog{border:1px solid var(--line);border-radius:8px;background:var(--bg);color:var(--ink);max-width:34em;
padding:18px 24px}
dialog h2{margin:0 0 10px}
.shapes{position:absolute}
@media (max-width:760px){
header,main,footer{padding-left:16px;padding-right:16px}
.wide{display:none}
h1{font-size:21px}
.need{grid-template-columns:1fr;gap:10px}.need li{display:block}.need li>*{margin-right:10px}
.need li>:last-child{display:block}.name{max-width:9em}.need .name{max-width:none}
.step>summary,p.step{grid-template-columns:max-content 1fr;gap:0 10px}
.step>summary .one,.step>summary .end,p.step .one,p.step .end{grid-column:1/-1;padding-left:1.1em;text-align:left}
.step>summary .one,p.step .one{white-space:normal;overflow-wrap:anywhere}
details.part>div{padding-left:4px}.step>div{padding-left:4px}
td,th{padding-right:10px}
.why{min-width:11em}
.findings li{grid-template-columns:1fr}
pre.diff span{padding-left:9ch;text-indent:-9ch}
pre.diff span::before{width:4ch}pre.diff i[data-n]::before{width:4ch}
}
@media (forced-colors:active){
.box.bad,.box.good,.bad-value{border-left-color:CanvasText}.a,.d{background:Canvas}.ctl{border-color:CanvasText}
svg text,svg .dim{fill:CanvasText}svg a text{fill:LinkText}svg [class^=s-]{color:CanvasText}
svg .node{fill:Canvas;stroke:CanvasText}svg .edge,svg .wait,svg .node.crit{stroke:CanvasText}svg .axis{stroke:GrayText}
}
@page{margin:14mm 12mm}
@media print{
:root{color-scheme:light}
body{font-size:10pt;print-color-adjust:exact}
header,main,footer{max-width:none;padding-left:0;padding-right:0}
header{padding-top:0}h2{margin-top:26px}.agent{margin-top:18px;padding-top:12px}
nav.parts,.js,.noprint,.skip{display:none!important}
pre{max-height:none;overflow:visible;font-size:8.5pt}
.scroll{overflow:visible}
table{font-size:9pt}thead{display:table-row-group}.why{min-width:9em}.name{min-width:9em;overflow-wrap:anywhere}th,td{padding-right:8px}
.agent,.step,.file{content-visibility:visible}
details.prints,details.prints details.file{content-visibility:visible}
details.prints::details-content,.findings details::details-content{content-visibility:visible;display:block;height:auto}
details.prints>summary{list-style:none}.findings summary{display:none}
details.part:not(.prints){display:none}
svg{max-width:100%;height:auto}.ic{max-width:none;height:16px}
.only-print{display:block!important}
h2,h3,h4,summary,h2+p{break-after:avoid}tr,.step,li{break-inside:avoid}
a{color:inherit;text-decoration:none}
}
.only-print{display:none}
"""
