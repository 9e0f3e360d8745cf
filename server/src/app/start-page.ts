/** The first thing a browser sees: which books there are, and what to do next. No script, no framework. */
import type { Book } from "../books/index.ts";
import type { Completeness } from "../vouchers/index.ts";
import { version } from "./version.ts";

export type BookOnPage = { readonly book: Book; readonly completeness: Completeness };

export function startPage(books: readonly BookOnPage[]): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>业财通 Tieout</title>
<link rel="stylesheet" href="/start-page.css">
</head>
<body>
<header>
<h1>业财通 <span lang="en">Tieout</span></h1>
<p>业务单据进,平衡的凭证出。<span lang="en">Business documents in, balanced vouchers out.</span></p>
<p><a href="/flows">数据流 <span lang="en">Flows</span></a></p>
</header>
<main>
<section>
<h2>账簿 <span lang="en">Books</span></h2>
${books.length === 0 ? '<p class="empty">还没有账簿。<span lang="en">There is no book yet.</span></p>' : `<table>
<thead><tr><th>账簿 <span lang="en">Book</span></th><th>规则包 <span lang="en">Pack</span></th><th>自 <span lang="en">From</span></th><th class="figure">单据 <span lang="en">Documents</span></th><th class="figure">待处理 <span lang="en">To do</span></th><th>查看 <span lang="en">See</span></th></tr></thead>
<tbody>
${books.map(bookRow).join("\n")}
</tbody>
</table>`}
</section>
<section>
<h2>下一步 <span lang="en">Next</span></h2>
<pre>npx tieout book create B1 --pack cas-general --currency CNY --from 2026-01
npx tieout post documents.jsonl --book B1
npx tieout vouchers --book B1 --period 2026-01
npx tieout verify --book B1</pre>
<p>每个命令都有 <code>--help</code>。<span lang="en">Every command explains itself with</span> <code>--help</code>.</p>
</section>
<section>
<h2>接口 <span lang="en">API</span></h2>
<ul>
<li><a href="/api/docs">接口说明 <span lang="en">Reference</span></a></li>
<li><a href="/api/schemas">单据格式 <span lang="en">Forms of documents</span></a></li>
<li><a href="/api/openapi.json">OpenAPI</a></li>
</ul>
</section>
</main>
<footer>Tieout ${escape(version)}</footer>
</body>
</html>
`;
}

function bookRow({ book, completeness }: BookOnPage): string {
  const path = `/api/v1/books/${encodeURIComponent(book.code)}`;
  const open = completeness.waiting + completeness.parked;
  const see = [["vouchers?limit=100", "凭证", "vouchers"], ["balances?by=tree", "余额", "balances"], ["statements/balance-sheet", "资产负债表", "balance sheet"], ["completeness", "完整性", "completeness"]] as const;
  return `<tr><td><a href="${escape(path)}">${escape(book.code)}</a> ${book.name === book.code ? "" : escape(book.name)}</td><td>${escape(book.pack)}</td><td>${escape(book.firstPeriod)}</td><td class="figure">${completeness.arrived}</td>`
    + `<td class="figure${open > 0 ? " open" : ""}">${open}</td><td>${see.map(([tail, zh, en]) => `<a href="${escape(`${path}/${tail}`)}" title="${en}">${zh}</a>`).join(" ")}</td></tr>`;
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
