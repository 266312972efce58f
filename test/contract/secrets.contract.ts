import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Secrets } from "@benchgen/core/ports.ts";

/** What every Secrets must do. */
export function secretsContract(
  name: string,
  open: () => Promise<{ secrets: Secrets; close: () => Promise<void> }>,
): void {
  describe(`Secrets: ${name}`, () => {
    let secrets: Secrets;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ secrets, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    const newName = (): string => `models/test-${randomUUID()}`;

    it("keeps a secret until it is replaced or deleted", async () => {
      const name = newName();
      expect(await secrets.get(name)).toBeUndefined();
      await secrets.put(name, "sk-ü \n");
      expect(await secrets.get(name)).toBe("sk-ü \n");
      await secrets.put(name, "second");
      expect(await secrets.get(name)).toBe("second");
      await secrets.delete(name);
      expect(await secrets.get(name)).toBeUndefined();
      await expect(secrets.delete(name)).resolves.toBeUndefined();
    });

    it("tells names apart that differ in case or punctuation", async () => {
      const name = newName();
      const names = [name, name.toUpperCase(), `${name}/a`, `${name}.a`, `${name}-a`];
      for (const each of names) await secrets.put(each, each);
      for (const each of names) expect(await secrets.get(each)).toBe(each);
      for (const each of names) await secrets.delete(each);
    });

    it.each(["", "../etc", ".hidden", "a b", "ü", "x".repeat(101)])("refuses the name %j", async (name) => {
      const invalid = { code: "secret_invalid" };
      await expect(secrets.put(name, "x")).rejects.toMatchObject(invalid);
      await expect(secrets.get(name)).rejects.toMatchObject(invalid);
      await expect(secrets.delete(name)).rejects.toMatchObject(invalid);
    });

    it("refuses an empty secret, and one of more than 64 KiB", async () => {
      for (const value of ["", "x".repeat(65_537)]) {
        await expect(secrets.put(newName(), value)).rejects.toMatchObject({ code: "secret_invalid" });
      }
    });
  });
}
