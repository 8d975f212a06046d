import { z } from "zod";
import { AppError, type ErrorCode } from "../../preload/contract/errors.ts";

const Told = z.object({ code: z.string().catch(""), message: z.string().catch("") });

const text = (error: unknown, name: "code" | "message"): string => Told.safeParse(error).data?.[name] ?? "";

/** What went wrong with the database, in a sentence. What is told already stays as it is. */
export function clusterFailure(error: unknown, where: string): AppError {
  if (error instanceof AppError) return error;
  const [code, message] = [text(error, "code"), text(error, "message")];
  const told = (reason: ErrorCode, sentence: string): AppError =>
    new AppError(reason, sentence, { at: where, reason: message }, error);
  if (code === "28P01" || code === "28000")
    return told(
      "storage/cluster-refused",
      `${where} does not let this user in: wrong name or password, or no TLS`,
    );
  if (code === "3D000") return told("storage/cluster-no-database", `${where} is not there: no such database`);
  if (code === "42501")
    return told("storage/cluster-not-allowed", `This user may not do that at ${where}: ${message}`);
  const lacking = /^relation "(kodo\.\w+)"/.exec(message)?.[1];
  if (code === "42P01" && lacking !== undefined && lacking !== "kodo.step")
    return told(
      "storage/cluster-failed",
      `${where} has no ${lacking} any more, which Kodo made there: bring it back from a backup`,
    );
  if (code === "3F000" || code === "42P01")
    return told("storage/cluster-not-set-up", `${where} has not been set up for Kodo: run kodo cluster init`);
  if (/^(22021|22P02|22P05|54000)$/.test(code))
    return told("data/archive-text", `${where} cannot keep this text: ${message}`);
  if (code === "53100")
    return told("storage/cluster-full", `The disk of ${where} is full; nothing was left half-written`);
  if (code === "ENOSPC")
    return told("storage/cluster-full", "The disk of this machine is full; nothing was left half-written");
  if (code === "CERT_HAS_EXPIRED")
    return told(
      "device/cluster-expired",
      `The certificate of ${where} has expired; its traffic is not trusted`,
    );
  if (code === "CERT_NOT_YET_VALID")
    return told(
      "device/cluster-certificate",
      `The certificate of ${where} is not valid yet by the clock of this machine; perhaps that is wrong`,
    );
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code))
    return told(
      "device/cluster-certificate",
      `${where} cannot be told by its certificate: ${message.replace(/; if the root CA.*/s, "")}`,
    );
  if (/does not support SSL/i.test(message))
    return told("device/cluster-plaintext", `${where} speaks without TLS only, which is refused`);
  if (code === READ_ONLY)
    return told(
      "device/cluster-lost",
      `${where} cannot be reached: what answers there is a standby, which takes nothing in until it has taken over`,
    );
  if (isLost(error))
    return told(
      "device/cluster-lost",
      ENDED.test(`${code} ${message}`)
        ? `${where} cannot be reached: it ended the conversation`
        : `${where} cannot be reached: ${message || code}`,
    );
  return new AppError("storage/cluster-failed", `${where}: ${message}`, { at: where, code }, error);
}

/** What keeps everything else back as well, until time or a person mends it: the line, the server, its disk, a password. */
export const isOfPlace = (code: string): boolean =>
  /^(device|contract)\/cluster-|^storage\/(cluster-(refused|no-database|not-allowed|not-set-up|failed|full)|newer-schema)/.test(
    code,
  );

const READ_ONLY = "25006";

/** In whatever of their own words the system and pg say it. */
const ENDED = /^(ECONNRESET|EPIPE|57P01)|Connection terminated unexpectedly|not queryable/;

/** The line to the server, not what was asked of it: asking again later may succeed. */
export const isLost = (error: unknown): boolean =>
  /^(ECONN|ETIMEDOUT|ENOTFOUND|EHOST|ENETUNREACH|EPIPE|EAI_|08|57P0|25P03|25006)/.test(text(error, "code")) ||
  /Connection terminated|not queryable|timeout expired|timeout exceeded/.test(text(error, "message"));
