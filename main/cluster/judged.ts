import { z } from "zod";

/** A recording as it is judged: its samples, and the masks and facts that lie on them. */
export const JudgedRecording = z.object({ archived: z.string(), sha256: z.string(), basis: z.string() });
export type JudgedRecording = z.infer<typeof JudgedRecording>;
