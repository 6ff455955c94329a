const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** `3 d`, `5 h`, `2 min`, `40 s`: the largest unit that it fills. */
export function durationWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [name, size] = units.find(([, least]) => whole >= least) ?? ['s', 1];
  return `${Math.floor(whole / size)} ${name}`;
}

/** Time since an instant. */
export function age(at: string, now: number): string {
  return durationWords((now - Date.parse(at)) / 1000);
}
