// A key and a self-signed certificate for servers under test, good for localhost and 127.0.0.1 from 2020 to 2126. Made by
// `openssl ca -selfsign -startdate 20200101000000Z -enddate 21260101000000Z` from a P-256 key, with the extension
// subjectAltName=DNS:localhost,IP:127.0.0.1. Whoever trusts it trusts everybody: the key is no secret.

export const key: string = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8bunTVRZbQgI4CjH
CKMfjGSJ6o5Up/fxMdWzDDfqf5ShRANCAAQwv82PKHu8jOVXDE/H6OjUYJT2QEeg
S1AP75fPhpqfbD/11O1JJm3Ey8nlAXgwbvkQuQlD2H+7+RYTAy3RP71k
-----END PRIVATE KEY-----
`;

export const cert: string = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyNjAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDC/zY8oe7yM5VcM
T8fo6NRglPZAR6BLUA/vl8+Gmp9sP/XU7UkmbcTLyeUBeDBu+RC5CUPYf7v5FhMD
LdE/vWSjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBSZGtGItoPkuLDfbvqcM3a1ftg4FTAKBggqhkjOPQQD
AgNIADBFAiEArNbWF0WcLE5lKXSxNLQ8mfyURAER6a2lwHe1ZX8szo0CIGcj26ou
IQCa2fxZZErulQi1ubLbi8hlL6NSAPIFNOoM
-----END CERTIFICATE-----
`;
