import { expect, test } from "vitest";
import { clusterFailure, isOfPlace } from "./failures.ts";

const failed = (code: string, message = "") =>
  clusterFailure(Object.assign(new Error(message), { code }), "db/kodo");

test("a server that goes away in the middle of something is said in words that are not those of a socket", () => {
  for (const [code, message] of [
    ["", "Client has encountered a connection error and is not queryable"],
    ["", "Connection terminated unexpectedly"],
    ["ECONNRESET", "read ECONNRESET"],
    ["57P01", "terminating connection due to administrator command"],
  ] as const)
    expect(failed(code, message)).toMatchObject({
      ...{ code: "device/cluster-lost", message: "db/kodo cannot be reached: it ended the conversation" },
      detail: { reason: message },
    });
  expect(failed("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:5432").message).toContain("ECONNREFUSED");
});

test("a certificate that is not valid yet makes one look at the clock", () => {
  expect(failed("CERT_NOT_YET_VALID", "certificate is not yet valid")).toMatchObject({
    code: "device/cluster-certificate",
    message:
      "The certificate of db/kodo is not valid yet by the clock of this machine; perhaps that is wrong",
  });
});

test("what is wrong with one recording keeps no other back; what is wrong with the place keeps all", () => {
  for (const code of ["22021", "22P05", "54000"]) expect(isOfPlace(failed(code).code)).toBe(false);
  for (const code of ["53100", "28P01", "42501", "42P01", "57P01", "XX000"])
    expect(isOfPlace(failed(code).code)).toBe(true);
});

test("a table of Kodo's that was dropped is named; setting it up anew would not bring it back", () => {
  const lacking = failed("42P01", 'relation "kodo.block" does not exist');
  expect(lacking).toMatchObject({
    code: "storage/cluster-failed",
    message: "db/kodo has no kodo.block any more, which Kodo made there: bring it back from a backup",
  });
  expect(isOfPlace(lacking.code)).toBe(true);
  for (const other of ["kodo.step", "kodo_queue.version"])
    expect(failed("42P01", `relation "${other}" does not exist`).code).toBe("storage/cluster-not-set-up");
});

test("what Node says of its own options is nobody's to follow", () => {
  const said =
    "unable to verify the first certificate; if the root CA is installed locally, try --use-system-ca";
  expect(failed("UNABLE_TO_VERIFY_LEAF_SIGNATURE", said).message).toBe(
    "db/kodo cannot be told by its certificate: unable to verify the first certificate",
  );
});
