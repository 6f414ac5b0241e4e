// A certificate of 127.0.0.1 that signs itself, made by the openssl command.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  /** Paths of the certificate and of its key. */
  readonly paths: readonly [string, string];
  readonly pem: string;
  remove(): void;
}

/** @throws Error where there is no openssl */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-certificate-"));
  const certificate = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const options = ["-x509", ...curve, ...names, "-days", "2", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", ...options], { stdio: "pipe" });
  return {
    paths: [certificate, key],
    pem: readFileSync(certificate, "utf8"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
