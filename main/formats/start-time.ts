import { z } from "zod";

/** ISO 8601, with a zone only where the source gave one. */
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** When a recording began, in files we wrote ourselves; a damaged one counts as not given. */
export const StartTime = z.string().regex(iso).optional().catch(undefined);
