import type { Plan } from "./plan.ts";
import { runPlan, type RunFiles } from "./run.ts";

/** A process of its own for each run: a device must not wait while another recording is judged. */
process.once("message", (message) => {
  const { plan, files } = message as { plan: Plan; files: RunFiles };
  runPlan(plan, files)
    .then(
      (verdict) => process.send?.({ verdict }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) }),
    )
    .finally(() => process.disconnect());
});
