export { companyIs as demoCompany } from "./company.ts";
export { causes as defectCauses, type DefectCause, type Expected, type PlantedDefect } from "./defects.ts";
export { generateDemo } from "./generate.ts";
export { generateMix, type Mix, mixOf, type MixOptions } from "./mix.ts";
export { type DemoLine, type DemoLink, type DemoRecord, kindIn, refOf } from "./record.ts";
export { defectsFor, demoBook, monthEndTasks, periodEndedBy } from "./demo.ts";
export type { DemoOptions } from "./world.ts";
