/** Something that scripted activities wait for until a test opens it. */
export interface Gate {
  open(): void;
  readonly opened: Promise<void>;
}

export function aGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}
