import type { Context } from "../context.ts";

/**
 * Labels of a recording under way whose first press came and whose second did not: beside the settings, which a person
 * sees one by one. Where the recorder ends the recording it ends them too. Where its process ended before it could, they
 * last as far as the recording does, and say that nobody ended them.
 */
export const begunName = (recordingId: string): string => `session.begun.${recordingId}`;

/** Of a recording that ended in order, or is to be forgotten. */
export const forgetBegun = ({ database }: Pick<Context, "database">, recordingId: string): void =>
  void database.run("DELETE FROM setting WHERE name = ?", begunName(recordingId));
