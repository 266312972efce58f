import { InvalidInput } from "../error.ts";

/** AWS Secrets Manager's limit. */
const maxSecretBytes = 65_536;

/** @throws InvalidInput `secret_invalid` */
export function assertSecretName(name: string): void {
  if (/^[A-Za-z0-9][\w./-]{0,99}$/.test(name)) return;
  throw new InvalidInput("secret_invalid", `"${name}" cannot name a secret.`, {
    hint: "Use 1 to 100 letters, digits, and _ . / - between them.",
  });
}

/** @throws InvalidInput `secret_invalid` */
export function assertSecretValue(value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes >= 1 && bytes <= maxSecretBytes) return;
  throw new InvalidInput("secret_invalid", `A secret has 1 to ${maxSecretBytes} bytes, not ${bytes}.`);
}
