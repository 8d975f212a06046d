import { AppError } from "../../preload/contract/errors.ts";

/** Where the database is, as KODO_CLUSTER says it: only over TLS that knows the server by its certificate. */
export interface Address {
  readonly url: string; // without what concerns TLS
  readonly rootCertificate: string | undefined; // file; absent: the system's authorities
  readonly shown: string; // without the password
}

const EXAMPLE = "postgresql://ito@db.example.org/kodo?sslmode=verify-full&sslrootcert=/etc/kodo/ca.pem";

/** Throws contract/bad-params where it is no address, or one whose traffic others could read. */
export function addressFrom(text: string | undefined): Address {
  if (text === undefined || text.trim() === "")
    throw new AppError("contract/bad-params", `KODO_CLUSTER is not set; it reads like ${EXAMPLE}`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new AppError("contract/bad-params", `KODO_CLUSTER is no address; it reads like ${EXAMPLE}`);
  }
  if (url.protocol !== "postgresql:" && url.protocol !== "postgres:")
    throw new AppError(
      "contract/bad-params",
      `KODO_CLUSTER begins with ${url.protocol}; it must be postgresql:`,
      {
        value: url.protocol,
        allowed: "postgresql:",
      },
    );
  const mode = url.searchParams.get("sslmode");
  if (mode !== "verify-full")
    throw new AppError(
      "contract/bad-params",
      `KODO_CLUSTER must say sslmode=verify-full: patient data go over no line that others can read (it says ${mode ?? "nothing"})`,
      { value: mode, allowed: "verify-full" },
    );
  const rootCertificate = url.searchParams.get("sslrootcert") ?? undefined;
  for (const name of [...url.searchParams.keys()]) if (name.startsWith("ssl")) url.searchParams.delete(name);
  const plain = new URL(url);
  plain.password = "";
  plain.search = ""; // it may carry one too
  return { url: url.href, rootCertificate, shown: plain.href };
}
