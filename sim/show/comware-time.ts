const MONTHS: readonly number[] = [31, 28, 31, 30, 31];

/** A device without a clock begins at 2011-01-01 00:00:00; simulated time ends before that June. */
export function deviceTime(seconds: number): string {
  const whole = Math.floor(seconds);
  let day = Math.floor(whole / 86400);
  let month = 0;
  while (day >= (MONTHS[month] ?? 30)) day -= MONTHS[month++] ?? 30;
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60].map(two).join(':');
  return `2011-${two(month + 1)}-${two(day + 1)} ${time}`;
}
