#include "runtime/report/style.h"

namespace cd4ml::report {

namespace {

// One accent: what is now. Grey: what was then. Green, amber and red: verdicts, and nothing else.
constexpr std::string_view sheet = R"css(
:root{color-scheme:light dark;--page:#fff;--card:#f7f8fa;--ink:#1b1f27;--soft:#5b6473;--line:#e3e6eb;--then:#c3c9d3;--now:#2f5fd0;--wash:rgba(47,95,208,.10);
--good:#1f7a4a;--warning:#8f5a00;--bad:#b3261e;--heat:47,95,208}
@media(prefers-color-scheme:dark){:root{--page:#14171c;--card:#1b1f26;--ink:#e6e9ef;--soft:#a0a9b8;--line:#2c323c;--then:#4b5362;--now:#86aaff;--wash:rgba(134,170,255,.14);
--good:#6cc795;--warning:#e0b060;--bad:#ff8d83;--heat:134,170,255}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
main,.top,footer{max-width:1080px;margin:0 auto;padding:0 28px}
.top{padding-top:48px}
.skip{position:absolute;left:-999px}
.skip:focus{left:12px;top:12px;background:var(--page);padding:8px 12px;border:2px solid var(--now)}
a{color:var(--now)}
:focus-visible{outline:2px solid var(--now);outline-offset:2px}
h1{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0}
h2{font-size:21px;line-height:1.3;font-weight:620;letter-spacing:-.01em;margin:64px 0 6px}
h3{font-size:16px;font-weight:620;margin:32px 0 4px}
p{margin:0 0 12px;max-width:70ch}
.lead,.note,caption{color:var(--soft)}
.note{font-size:14.5px}
.meta{color:var(--soft);font-size:14.5px;margin:6px 0 0;max-width:none}
.verdict{margin:28px 0 0;padding:24px 28px;border-radius:12px;background:var(--card);border-left:5px solid var(--soft)}
.verdict.good{border-color:var(--good)}.verdict.warning{border-color:var(--warning)}.verdict.bad{border-color:var(--bad)}
.verdict h2{margin:2px 0 10px;font-size:23px}
.verdict ul{margin:0;padding-left:20px;max-width:75ch}
.verdict li{margin:3px 0}
.verdict h3{margin:20px 0 6px;font-size:15px}
.state{font-size:14px;font-weight:620;margin:0}
.verdict .next{margin:0;padding:0;list-style:none;max-width:none}
.next li{margin:8px 0}
code,pre{font:14px/1.5 ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:4px 0 0;padding:9px 13px;border:1px solid var(--line);border-radius:8px;background:var(--page);white-space:pre-wrap;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:22px 0 0;padding:0;font-size:14.5px}
nav a{text-decoration:none}nav a:hover{text-decoration:underline}
.frame{overflow-x:auto;margin:12px 0 0}
table{border-collapse:collapse;width:100%;font-size:14.5px;line-height:1.45}
caption{text-align:left;font-size:14.5px;padding:0 0 8px}
th,td{padding:8px 14px 8px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:break-word}
thead th{color:var(--soft);font-size:13px;vertical-align:bottom;white-space:nowrap}
tbody th{font-weight:560}
th.n,td.n{text-align:right;white-space:nowrap}
.p{width:180px}
td.p svg{display:block}
.nowrap{white-space:nowrap}
.badge{white-space:nowrap;font-weight:560}
.good{color:var(--good)}.warning{color:var(--warning)}.bad{color:var(--bad)}.neutral{color:var(--soft)}
.verdict.good,.verdict.warning,.verdict.bad,.verdict.neutral{color:var(--ink)}
.small{font-size:13.5px;font-weight:400;color:var(--soft)}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
th button:hover{color:var(--ink);text-decoration:underline}
th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
figure{margin:0;min-width:0}
figcaption{font-size:14.5px;margin:0 0 6px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));gap:30px 44px;margin:20px 0 0}
.side{display:grid;grid-template-columns:minmax(0,400px) minmax(0,1fr);gap:20px 48px;align-items:start}
svg{max-width:100%;height:auto;font-family:inherit}
.chart{width:100%;max-width:460px;display:block}
.spark{width:160px;max-width:160px;min-width:120px}
.tick{font-size:11.5px;fill:var(--soft)}.label{font-size:12px;fill:var(--soft)}
.end{text-anchor:end}.middle{text-anchor:middle}
line.grid{stroke:var(--line)}.axis{stroke:var(--soft);stroke-width:1}.track{stroke:var(--line);stroke-width:2}
.fill-then{fill:var(--then)}.fill-now{fill:var(--now)}.fill-bad{fill:var(--bad)}
.line-now{fill:none;stroke:var(--now);stroke-width:2;stroke-linejoin:round}
.area-now{fill:var(--wash)}
.dot-now{fill:var(--now);stroke:var(--page);stroke-width:1.5}
.ring{fill:var(--page);stroke:var(--ink);stroke-width:1.5}
.limit{stroke:var(--ink);stroke-width:2}.limit-line{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:5 4}
.ideal{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:4 4}
.mean-then{stroke:var(--soft);stroke-width:3}.mean-now{stroke:var(--now);stroke-width:3}
.pipeline{display:block}.pipeline.down{display:none}
.pipeline.across{width:100%;min-width:720px}
.node{fill:var(--page);stroke:var(--then);stroke-width:1.3}
.node.ran{stroke:var(--now)}.node.bad{stroke:var(--bad);stroke-width:2}.node.warning{stroke:var(--warning)}.node.idle{stroke-dasharray:3 3}
.name{font-size:13px;font-weight:600;fill:var(--ink)}.kind{font-size:11px;fill:var(--soft)}
.edge{fill:none;stroke:var(--then);stroke-width:1.4}
.key{display:flex;flex-wrap:wrap;gap:4px 22px;font-size:13.5px;color:var(--soft);margin:10px 0 0;padding:0;list-style:none}
.key i{display:inline-block;width:13px;height:11px;margin-right:7px;border-radius:2px;vertical-align:-1px}
.key .then{background:var(--then)}.key .now{background:var(--now)}
.key .at{width:3px;height:14px;background:var(--ink);vertical-align:-3px}
.key .champion{width:10px;height:10px;border-radius:50%;border:1.5px solid var(--ink)}
.heat td,.heat thead th.w{text-align:center;padding:7px 4px;min-width:46px;border:2px solid var(--page);white-space:nowrap}
.heat{width:auto}.heat caption{white-space:nowrap}.heat tbody th{padding:6px 18px 6px 0;border-bottom:0;white-space:nowrap}
.heat thead th{border-bottom:0;font-size:12px;padding:0 4px 6px;white-space:nowrap}
.heat td{border-radius:5px;font-size:12.5px}
.h0{background:var(--card)}.h1{background:rgba(var(--heat),.12)}.h2{background:rgba(var(--heat),.24)}.h3{background:rgba(var(--heat),.38)}.h4{background:rgba(var(--heat),.55)}
.heat td.over{font-weight:700;text-decoration:underline;text-underline-offset:3px}
.story{list-style:none;margin:14px 0 0;padding:0;border-left:2px solid var(--line)}
.story li{position:relative;padding:0 0 16px 24px;max-width:82ch}
.story li::before{content:"";position:absolute;left:-6px;top:8px;width:10px;height:10px;border-radius:50%;background:var(--then);box-shadow:0 0 0 3px var(--page)}
.story li.good::before{background:var(--good)}.story li.warning::before{background:var(--warning)}.story li.bad::before{background:var(--bad)}
.story li.good,.story li.warning,.story li.bad,.story li.neutral{color:var(--ink)}
.story time,.story .by{color:var(--soft);font-size:13.5px}
dl{display:grid;grid-template-columns:minmax(120px,max-content) minmax(0,1fr);gap:7px 26px;margin:14px 0 0;font-size:14.5px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
details{margin:16px 0 0}summary{cursor:pointer;color:var(--now);font-size:14.5px}
footer{color:var(--soft);font-size:13.5px;padding-top:64px;padding-bottom:56px}
@media(max-width:700px){
main,.top,footer{padding-left:18px;padding-right:18px}
.top{padding-top:28px}h1{font-size:25px}h2{margin-top:48px}
.verdict{padding:18px;margin-top:22px}.verdict h2{font-size:20px}
.side{grid-template-columns:minmax(0,1fr)}
.pipeline.across{display:none}.pipeline.down{display:block;margin:0 auto}
.cards,.cards tbody,.cards tr,.cards th,.cards td,.cards caption{display:block}
.cards thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
.cards tr{padding:12px 0;border-bottom:1px solid var(--line)}
.cards th,.cards td{border:0;padding:2px 0;text-align:left;width:auto;white-space:normal}
.cards tbody th{font-size:15.5px}
.cards td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:13px;display:inline-block;min-width:118px}
.cards td.p::before,.cards td[data-label=""]::before{display:none}
.cards td.empty{display:none}
.cards td.p{padding:6px 0}
dl{grid-template-columns:minmax(0,1fr);gap:0}dd{margin-bottom:10px}
}
@media print{
:root{color-scheme:light;--page:#fff;--card:#f7f8fa;--ink:#000;--soft:#444;--line:#ccc;--then:#bbb;--now:#2f5fd0;--wash:rgba(47,95,208,.1);--good:#1f7a4a;--warning:#8f5a00;--bad:#b3261e;--heat:47,95,208}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt}.top{padding-top:0}nav,.skip{display:none}
h2{margin-top:26pt;break-after:avoid}h3{break-after:avoid}
figure,tr,.verdict,.story li{break-inside:avoid}
.frame{overflow:visible}details>*{display:block}
.pipeline.across{min-width:0}
}
)css";

constexpr std::string_view sorting = R"js(
for(const th of document.querySelectorAll("th[data-sort]")){
const button=document.createElement("button");button.type="button";button.textContent=th.textContent;th.textContent="";th.append(button);
button.addEventListener("click",()=>{
const table=th.closest("table"),body=table.tBodies[0],at=th.cellIndex,down=th.getAttribute("aria-sort")==="ascending";
for(const other of table.querySelectorAll("th[aria-sort]"))other.removeAttribute("aria-sort");
th.setAttribute("aria-sort",down?"descending":"ascending");
const key=row=>{const text=row.cells[at].textContent.trim().replace("\u2212","-");const number=parseFloat(text.replace(/[, %<]/g,""));return Number.isNaN(number)?text:number};
const order=(a,b)=>{const x=key(a),y=key(b);return typeof x===typeof y?(x===y?0:(x>y?1:-1)):(typeof x==="number"?-1:1)};
const rows=[...body.rows].sort(order);if(down)rows.reverse();body.append(...rows);});}
)js";

}  // namespace

std::string_view styleSheet() { return sheet; }
std::string_view script() { return sorting; }

}  // namespace cd4ml::report
