/** A planted fault: the product with a small change that breaks a promise, which the simulation must notice. */
export interface Plant {
  readonly name: string;
  readonly changes: readonly PlantChange[];
  /** Names of the invariants that this fault breaks. The violation of another one doesn't count. */
  readonly foundBy: readonly string[];
}

/** A replacement in one file. */
export interface PlantChange {
  /** From the project's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly before: string;
  readonly after: string;
}

/**
 * @param source content of the change's file.
 * @returns the content with the fault.
 * @throws {Error} when `before` doesn't occur exactly once, because the source has changed since.
 */
export function plantChange(name: string, { file, before, after }: PlantChange, source: string): string {
  const found = source.split(before).length - 1;
  if (found !== 1)
    throw new Error(
      `The planted fault ${name} no longer fits: expected its text once in ${file}, found it ${found} times. Change the plant so that it plants the same fault in the new source.`,
    );
  return source.replace(before, () => after);
}
