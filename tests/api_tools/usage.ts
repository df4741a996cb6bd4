// Bodies as a caller writes them: what may be left out may be left out.
import type { components as Later, operations } from "./unified-2026-06-01";
import type { components as Current } from "./unified-2026-05-04";
import type { components as Reporting } from "./reporting-1.1.0";
import type { paths } from "./openapi";

const details: Current["schemas"]["EntryDetails"] = { concept: "GOOD" };
const device: Current["schemas"]["FiscalDeviceCreateContent"]["kind"] = undefined;
const closing: Reporting["schemas"]["ReportingCreateClosing"] = {};
const price: Later["schemas"]["Price"]["inclusive"] = "1.00";
const query: operations["listRecords"]["parameters"]["query"] = { limit: 5 };
const both: [keyof paths, keyof paths] = ["/records", "/v1/operations"];

export { both, closing, details, device, price, query };
