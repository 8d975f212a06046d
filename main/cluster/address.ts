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
  refuseBadEscapes(url);
  for (const name of [...url.searchParams.keys()]) if (name.startsWith("ssl")) url.searchParams.delete(name);
  const plain = new URL(url);
  plain.password = "";
  plain.search = ""; // it may carry one too
  return { url: url.href, rootCertificate, shown: plain.href };
}

/** A % that stands for itself, as in many a password. */
function refuseBadEscapes({ username, password, pathname }: URL): void {
  if ([username, password, pathname].every(isEscaped)) return;
  throw new AppError(
    "contract/bad-params",
    "KODO_CLUSTER has a % that begins no character, perhaps in its password: it is written %25 there",
    { allowed: "%25" },
  );
}

function isEscaped(part: string): boolean {
  try {
    return decodeURIComponent(part).length <= part.length; // looked at: a bundler leaves out what nobody looks at
  } catch {
    return false;
  }
}

/** As a person enters it: the password and the certificate each have a field of their own. */
export interface Entered {
  readonly address: string;
  readonly file: string | null; // of the certificate; null: an authority that the system knows
  readonly password: string;
}

const ADDRESS = "postgresql://ito@db.example.org/kodo";

/**
 * The address that is spoken to, always over TLS that knows the server. Throws where it is none, or says more than where
 * the server is: what else pg would read from it (another host, a password, a file) nobody would see.
 */
export function addressEntered({ address, file, password }: Entered): string {
  const url = urlIn(address);
  if (url.password !== "" || url.searchParams.has("password"))
    throw new AppError(
      "contract/cluster-secret",
      "The password has a field of its own: it must not stand in the address, which is kept and shown",
    );
  const mode = url.searchParams.get("sslmode") ?? "verify-full";
  if (mode !== "verify-full")
    throw new AppError(
      "contract/cluster-plain",
      `Only sslmode=verify-full is spoken: patient data go over no line that others can read (the address says ${mode})`,
      { value: mode, allowed: "verify-full" },
    );
  const more = [...url.searchParams.keys()].find((name) => name !== "sslmode");
  if (more !== undefined)
    throw new AppError(
      "contract/cluster-address",
      `The address says more than where the server is: ${more}`,
      {
        value: more,
      },
    );
  url.search = "";
  url.hash = "";
  url.password = encodeURIComponent(password);
  url.searchParams.set("sslmode", "verify-full");
  if (file !== null) url.searchParams.set("sslrootcert", file);
  return url.href;
}

/** What it is called where nobody's name is told: db.example.org/kodo. */
export const placeName = (address: string): string => nameOf(urlIn(address));

/** Whether KODO_CLUSTER names this place, with the usual port or without one. */
export const isPlace = (text: string | undefined, place: string): boolean =>
  text !== undefined && URL.canParse(text) && portless(nameOf(new URL(text))) === portless(place);

const nameOf = ({ host, pathname }: URL): string => `${host}${pathname}`;

/** PostgreSQL listens at 5432 where nothing else is said. */
const portless = (name: string): string => name.replace(/:5432\//, "/");

function urlIn(address: string): URL {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : undefined;
  const isPostgres = url?.protocol === "postgresql:" || url?.protocol === "postgres:";
  const isWhole = url !== undefined && url.hostname !== "" && url.username !== "" && url.pathname.length > 1;
  if (url !== undefined && isPostgres && isWhole) return url;
  throw new AppError(
    "contract/cluster-address",
    `The address must name a user, a server and a database; it reads like ${ADDRESS}`,
    { allowed: ADDRESS },
  );
}
