import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressFrom } from "./address.ts";
import { tlsOf } from "./database.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kodo-tls-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tls = (host: string, file?: string) =>
  tlsOf(
    addressFrom(
      `postgresql://a:b@${host}/kodo?sslmode=verify-full${file === undefined ? "" : `&sslrootcert=${file}`}`,
    ),
  );

test("a certificate that is none, or is not there, is named before anything is sent", async () => {
  const [junk, good] = [join(folder, "junk.pem"), join(folder, "good.pem")];
  for (const text of ["", "junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]) {
    writeFileSync(junk, text);
    await expect(tls("db.example.org", junk)).rejects.toMatchObject({
      code: "data/file-not-readable",
      message: `The certificate ${junk} of the cluster is none: it should begin with -----BEGIN CERTIFICATE-----`,
    });
  }
  await expect(tls("db.example.org", join(folder, "none.pem"))).rejects.toMatchObject({
    code: "data/file-not-readable",
    message: /cannot be read/,
  });
  writeFileSync(good, rootCertificates[0] ?? "");
  writeFileSync(junk, `Certificate of the clinic\n${readFileSync(good, "utf8")}`); // openssl writes such a head
  for (const file of [good, junk])
    expect(await tls("db.example.org", file)).toMatchObject({
      ...{ ca: readFileSync(file, "utf8"), rejectUnauthorized: true, servername: "db.example.org" },
    });
});

test.each(["192.0.2.1", "[2001:db8::1]"])(
  "a server that is named by a number has no name in TLS: %s",
  async (host) => {
    expect(await tls(`${host}:5432`)).toEqual({ rejectUnauthorized: true });
  },
);
