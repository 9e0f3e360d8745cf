import type { Refusals } from "../platform/index.ts";

const restore = { todoZh: "请立即停止过账,保留数据目录,用最近一次备份核对后恢复", todoEn: "Stop posting, keep the data folder as it is, and compare it with the latest backup before restoring" };
const rebuild = { todoZh: "余额是缓存:执行 tieout verify --rebuild-balances 由分录重建后再验证", todoEn: "Balances are a cache: rebuild them from the lines with tieout verify --rebuild-balances and verify again" };
const report = { todoZh: "这是程序或数据库的错误,请连同 verify 的输出报告给管理员", todoEn: "This is an error of the program or the database; report it together with the output of verify" };

/** What reports refuse, and what `verify` finds. */
export const reportRefusals = {
  "account.unknown": { status: 404, zh: "账簿 {book} 没有科目 {account}", en: "Book {book} has no account {account}", todoZh: "用 tieout balances --book {book} 查看科目", todoEn: "See the accounts with tieout balances --book {book}" },
  "period.malformed": { status: 422, zh: "{period} 不是会计期间", en: "{period} is not a period", todoZh: "写作 2026-03", todoEn: "Write it as 2026-03" },
  "statement.unknown": { status: 404, zh: "没有报表 {statement}", en: "There is no statement {statement}", todoZh: "可用:{known}", todoEn: "Choose from: {known}" },
  "verify.voucher_unbalanced": { status: 409, zh: "凭证 {voucher} 借贷不平,差 {off}", en: "Voucher {voucher} is off by {off}", ...restore },
  "verify.books_unbalanced": { status: 409, zh: "全部凭证合计不为零,差 {off}", en: "All vouchers together are off by {off}", ...restore },
  "verify.voucher_total": { status: 409, zh: "凭证 {voucher} 的合计 {total} 与分录 {lines} 不符", en: "Voucher {voucher} says a total of {total}, its lines make {lines}", ...restore },
  "verify.voucher_unsealed": { status: 409, zh: "凭证 {voucher} 不在任何区块中", en: "Voucher {voucher} is in no block", ...restore },
  "verify.voucher_block": { status: 409, zh: "凭证 {voucher} 自称在区块 {block},实际封在 {sealed}", en: "Voucher {voucher} says block {block} but was sealed in {sealed}", ...restore },
  "verify.lines_stray": { status: 409, zh: "{period} 有 {lines} 条分录属于不存在的凭证 {voucher}", en: "{lines} lines of {period} belong to voucher {voucher}, which is not there", ...restore },
  "verify.block_missing": { status: 409, zh: "区块 {after} 之后直接是 {next},中间缺失", en: "Block {after} is followed by {next}: blocks are missing", ...restore },
  "verify.block_unlinked": { status: 409, zh: "区块 {block} 未接在前一区块之后", en: "Block {block} does not follow from the one before", ...restore },
  "verify.block_overlaps": { status: 409, zh: "区块 {block} 与 {before} 重叠", en: "Block {block} overlaps {before}", ...restore },
  "verify.block_changed": { status: 409, zh: "区块 {block} 的内容被改过", en: "Block {block} was changed", ...restore },
  "verify.block_count": { status: 409, zh: "区块 {block} 应有 {count} 张凭证,实有 {found}", en: "Block {block} sealed {count} vouchers and {found} are there", ...restore },
  "verify.block_total": { status: 409, zh: "区块 {block} 借方合计应为 {total},实为 {found}", en: "Block {block} sealed debits of {total} and {found} are there", ...restore },
  "verify.block_vouchers_changed": { status: 409, zh: "区块 {block}(凭证 {first} 至 {last})封存之后被改过", en: "Vouchers of block {block} ({first} to {last}) were changed after they were sealed", ...restore },
  "verify.head_apart": { status: 409, zh: "链头在区块 {head},而最后的区块是 {last}", en: "The head of the chain is block {head}, but the last block is {last}", ...restore },
  "verify.anchors_absent": { status: 409, zh: "账簿 {book} 有凭证,却没有库外锚文件", en: "Book {book} has vouchers and no anchors outside the database", todoZh: "请从备份恢复数据目录的 anchors 文件夹;在过账的那台机器上验证", todoEn: "Restore the folder anchors of the data folder from backup; verify on the machine that posts" },
  "verify.anchor_forged": { status: 409, zh: "锚文件第 {line} 行的签名不对", en: "Line {line} of the anchor file is not signed by our key", todoZh: "请从备份恢复锚文件与密钥并核对", todoEn: "Restore the anchor file and keys from backup and compare" },
  "verify.chain_cut": { status: 409, zh: "{at} 锚定的区块 {block} 已不存在,链止于 {last}", en: "Block {block}, anchored at {at}, is gone: the chain ends with {last}", ...restore },
  "verify.chain_rewritten": { status: 409, zh: "{at} 锚定的区块 {block} 已被改写", en: "Block {block} is not what was anchored at {at}: the chain was rewritten", ...restore },
  "verify.balance_differs": { status: 409, zh: "{period} 科目 {account}(辅助核算组 {dimensions})余额缓存 {cached},分录合计 {lines}", en: "{period} {account} (dimension set {dimensions}): the balance says {cached}, the lines make {lines}", ...rebuild },
  "verify.stock_differs": { status: 409, zh: "物料 {pool} 结存 {quantity}({amount}),收发合计 {movedQuantity}({movedAmount})", en: "Stock of {pool} is {quantity} ({amount}), its moves make {movedQuantity} ({movedAmount})", ...report },
  "verify.numbers_gap": { status: 409, zh: "{period} {series} 字凭证 {count} 张,最大号 {high},计数器 {counter}", en: "{period} {series}: {count} vouchers, highest number {high}, counter {counter}", ...restore },
  "verify.event_without_voucher": { status: 409, zh: "{document} 的事件 {event} 指向不存在的凭证 {voucher}", en: "Event {event} of {document} names voucher {voucher}, which is not there", ...report },
  "verify.voucher_without_event": { status: 409, zh: "凭证 {voucher} 不出自任何事件", en: "No event caused voucher {voucher}", ...report },
  "verify.document_unexplained": { status: 409, zh: "{document}(版本 {version})的状态 {state} 没有依据", en: "{document} (version {version}) is called {state} without a reason on record", ...report },
  "verify.link_exceeds": { status: 409, zh: "{document} 第 {line} 行数量 {whole},被 {kind} 关联 {linked}", en: "{document} line {line} holds {whole}, and {kind} links {linked} to it", ...report },
  "verify.holding_overdrawn": { status: 409, zh: "{document} 第 {line} 行({what})共 {whole},已用 {taken}", en: "{document} line {line} ({what}) holds {whole} and {taken} was taken", ...report },
} as const satisfies Refusals;
