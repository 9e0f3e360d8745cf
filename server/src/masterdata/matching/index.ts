/** What other folders may use of matching; the door of masterdata hands it on. */
export { type Candidate, compareRecords, type Key, keysOf, MatchIndex, matchOne, type MatchRecord } from "./online.ts";
export { type Field, guessFields, type Kind, kinds } from "./fields.ts";
export { Table } from "./columns.ts";
export { type Matched, type MatchSettings, matchTable, usualSettings } from "./match.ts";
export { type FilesMatched, type MatchConfig, type MatchDomain, matchDomains, matchFiles, readMatchConfig } from "./match-files.ts";
export { measureGroups, type Quality } from "./measure.ts";
export { type FieldWeight, type Hard, type ModelData, type PairWeight } from "./model.ts";
export { chineseAccounts, chineseCompanies, chineseDepartments, chineseMaterials, type TestSet } from "./chinese-set.ts";
export { personSet } from "./person-set.ts";
export { type CompanyName, normalisationVersion, parseCompany, pinyinOf, plain, plainPhone, plainRegion, simplify, specTokens } from "./normalise.ts";
