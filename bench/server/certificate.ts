// A certificate of 127.0.0.1 that signs itself, made by the openssl command when a row first needs one.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  /** As PEM, both. */
  readonly cert: string;
  readonly key: string;
}

function make(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "wsimd-bench-"));
  try {
    const [cert, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const options = ["-x509", ...curve, ...names, "-days", "2", "-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", ...options], { stdio: "pipe" });
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What makes one, once. @throws Error where there is no openssl */
export function makeCertificate(): () => Certificate {
  let made: Certificate | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
