import { expect, test } from "vitest";
import { addressEntered, addressFrom, isPlace, placeName } from "./address.ts";

const entered = (address: string, password = "pa/ss:w@rd%", file: string | null = null) =>
  addressEntered({ address, file, password });
const refused = (address: string): string => {
  try {
    return entered(address);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test("an address as it is entered becomes one over TLS that knows its server, with the password that was entered", () => {
  const text = entered(" postgresql://ito@db.example.org:5433/kodo ", "pa/ss:w@rd%", "/etc/kodo/a b.pem");
  const { url, rootCertificate, shown } = addressFrom(text);
  expect(decodeURIComponent(new URL(url).password)).toBe("pa/ss:w@rd%");
  expect(rootCertificate).toBe("/etc/kodo/a b.pem");
  expect(shown).toBe("postgresql://ito@db.example.org:5433/kodo");
  expect(placeName("postgresql://ito@db.example.org:5433/kodo")).toBe("db.example.org:5433/kodo");
  expect(isPlace(text, placeName("postgresql://mori@db.example.org:5433/kodo"))).toBe(true);
  expect(isPlace("postgresql://kodo:x@db.example.org/kodo", "db.example.org:5432/kodo")).toBe(true);
  expect(isPlace("postgresql://kodo:x@db.example.org:5432/kodo", "db.example.org/kodo")).toBe(true);
  for (const other of [undefined, "", "kodo", "postgresql://ito@db.example.org/kodo"])
    expect(isPlace(other, "db.example.org:5433/kodo")).toBe(false);
  expect(new URL(addressFrom(entered("postgres://a@h/d?sslmode=verify-full")).url).search).toBe("");
});

test("nothing is taken that others could read, that has a secret in it, or that says more than where the server is", () => {
  expect(refused("postgresql://a:secret@h/d")).toBe("contract/cluster-secret");
  expect(refused("postgresql://a@h/d?password=secret")).toBe("contract/cluster-secret");
  for (const mode of ["disable", "require", "verify-ca", "no-verify", ""])
    expect(refused(`postgresql://a@h/d?sslmode=${mode}`)).toBe("contract/cluster-plain");
  for (const more of ["host=elsewhere", "sslrootcert=/etc/passwd", "options=-c", "port=1", "user=b", "ssl=0"])
    expect(refused(`postgresql://a@h/d?${more}`)).toBe("contract/cluster-address");
  for (const none of [
    "",
    "db.example.org",
    "http://a@h/d",
    "file:///etc/passwd",
    "postgresql://h/d",
    "postgresql://a@h",
    "postgresql://a@h/",
  ])
    expect(refused(none)).toBe("contract/cluster-address");
});

test.each(["a:hunter2%@h/d", "a%:x@h/d", "a:x@h/d%2", "a:100%sure@h/d"])(
  "a %% that begins no character is told before anything is sent: %s",
  (place) => {
    const address = (): unknown => addressFrom(`postgresql://${place}?sslmode=verify-full`);
    expect(address).toThrow(expect.objectContaining({ code: "contract/bad-params" }));
    expect(address).toThrow(/%25/);
    expect(address).not.toThrow(/hunter2|sure/);
  },
);

test("no refusal says the secret", () => {
  for (const address of ["postgresql://a:hunter2@h/d", "postgresql://a@h/d?password=hunter2", "x:hunter2"])
    expect(() => entered(address)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("hunter2") as unknown }),
    );
});
