/** The door of 单据: one standard form per business fact. */
export { type Document, documentKey, type DocumentLine, keyOf, type Link, linkKey, linkText, parseReference } from "./document.ts";
export { commonHeader, commonLine, type DocumentKind, type Field, isMasterKind, kindOf, kinds, masterKinds, type MasterKind } from "./kinds.ts";
export { completeAmounts, LINES_MAX, netOf, readDocument, type Reading } from "./read.ts";
export { refusals } from "./refusals.ts";
export { amountOf } from "./amount.ts";
export { type Difference, differencesOf } from "./difference.ts";
export { amountsOf, type DocumentFilter, type DocumentLinked, type DocumentListed, type DocumentShown, findDocument, type Found, listDocuments, listOpenReasons, listRefused, listSources, type OpenReason, readOpenBodies, type RefusedListed, showDocument, type VersionShown } from "./list.ts";
export { type JsonSchema, type SchemaName, schemaNames, schemaOf } from "./schema.ts";
export { checkMapping, compileMapping, type Explained, type Mapped, type Mapping, type MapRecord, type RuleShape } from "./mapping/compile.ts";
export { type GoldenCase, type GoldenResult, lookupsOf, parseLossless, readGolden, testMapping } from "./mapping/golden.ts";
export { goldenPathOf, mappingsFolder, type MappingText, readMappingText, shippedMappings } from "./mapping/read-mapping.ts";
export type { Cut, Lookups, Origin } from "./mapping/frame.ts";
export { BrokenRecord, parseNdjson, RECORD_MAX } from "./stream.ts";
