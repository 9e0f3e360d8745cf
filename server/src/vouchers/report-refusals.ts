import type { Refusals } from "../platform/index.ts";

const restore = { todoZh: "请立即停止过账,保留数据目录,用最近一次备份核对后恢复", todoEn: "Stop posting, keep the data folder as it is, and compare it with the latest backup before restoring" };
const rebuild = { todoZh: "余额是缓存:执行 tieout verify --rebuild-balances 由分录重建后再验证", todoEn: "Balances are a cache: rebuild them from the lines with tieout verify --rebuild-balances and verify again" };
const report = { todoZh: "这是程序或数据库的错误,请连同 verify 的输出报告给管理员", todoEn: "This is an error of the program or the database; report it together with the output of verify" };

/** What reports refuse, and what `verify` finds. */
export const reportRefusals = {
  "account.unknown": { status: 404, zh: "账簿 {book} 没有科目 {account}", en: "Book {book} has no account {account}", todoZh: "用 tieout balances --book {book} 查看科目", todoEn: "See the accounts with tieout balances --book {book}" },
  "period.malformed": { status: 422, zh: "{period} 不是会计期间", en: "{period} is not a period", todoZh: "写作 2026-03", todoEn: "Write it as 2026-03" },
  "ledger.cursor": { status: 422, zh: "明细账没有 {text} 这个位置", en: "{text} is no place in a ledger", todoZh: "从第一页重新读取", todoEn: "Read from the first page again" },
  "clear.item_unknown": { status: 404, zh: "{party} 没有未清项 {item}", en: "{party} has no open item {item}", todoZh: "可能刚被核销,刷新后重新勾选", todoEn: "It may just have been cleared; reload and tick again" },
  "clear.not_money": { status: 422, zh: "{item} 不是可用于核销的收付款", en: "{item} is no money that could clear others", todoZh: "红字发票在开票时关联原发票;此处勾选收款单、付款单或预收预付", todoEn: "A red invoice names its invoice when it is issued; tick a receipt, a payment or an advance here" },
  "clear.same_side": { status: 422, zh: "{item} 与收付款在同一方", en: "{item} stands on the same side as the money", todoZh: "另一方勾选发票等未清项", todoEn: "Tick invoices or other open items on the other side" },
  "clear.not_clearable": { status: 422, zh: "核销单不能关联 {item}", en: "A settlement cannot name {item}", todoZh: "票据到期收付时核销;期初行未写原单据的,先更正期初余额", todoEn: "A note is cleared when it is paid; an opening line that names no document has to be corrected first" },
  "clear.currency": { status: 422, zh: "币种不同,不能相互核销:{currencies}", en: "Items in different currencies cannot clear each other: {currencies}", todoZh: "只勾选同一币种", todoEn: "Tick items of one currency" },
  "clear.amount": { status: 422, zh: "{item} 的核销金额 {amount} 不对,未清 {open}", en: "{amount} is no amount to clear of {item}; {open} is open", todoZh: "填写大于零、不超过未清的金额", todoEn: "Give more than zero and at most what is open" },
  "clear.uneven": { status: 422, zh: "两方核销金额不等:{from} 与 {to}", en: "The two sides differ: {from} and {to}", todoZh: "两方填写相同的合计,或不填金额", todoEn: "Give both sides the same total, or no amounts" },
  "statement.no_row": { status: 404, zh: "报表 {statement} 没有项目 {row}", en: "Statement {statement} has no row {row}", todoZh: "从报表上打开该项目", todoEn: "Open the row from the statement" },
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
