// Makes certificates for tests, so that no key lies in the repository and none runs out.
import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes `<name>.crt` and `<name>.key` (P-256, PEM) for `localhost` into `directory`; the subject is `name`. */
export async function writeSelfSigned(directory: string, name: string): Promise<{ certFile: string; keyFile: string }> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(objectId([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
  const commonName = sequence(objectId([0x55, 0x04, 0x03]), value(0x0c, Buffer.from(name)));
  const subject = sequence(value(0x31, commonName));
  const hour = 3_600_000;
  const unsigned = sequence(
    // Leading 0x40: a serial number is positive and does not begin with a zero byte.
    value(0x02, Buffer.concat([Buffer.of(0x40), randomBytes(15)])),
    ecdsaWithSha256,
    subject,
    sequence(time(Date.now() - hour), time(Date.now() + 24 * hour)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = createSign("sha256").update(unsigned).sign(privateKey);
  const certificate = sequence(unsigned, ecdsaWithSha256, value(0x03, Buffer.concat([Buffer.of(0), signature])));
  const certFile = join(directory, `${name}.crt`);
  const keyFile = join(directory, `${name}.key`);
  await writeFile(certFile, pem(certificate));
  await writeFile(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  return { certFile, keyFile };
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

// DER (ITU-T X.690): a tag, a length, the content.

function value(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return value(0x30, Buffer.concat(parts));
}

function objectId(bytes: readonly number[]): Buffer {
  return value(0x06, Buffer.from(bytes));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, "");
  return value(0x17, Buffer.from(digits.slice(2)));
}
