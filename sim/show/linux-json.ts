/** Rows as `ip -j`, `bridge -j` print them: one line (lib/json_writer.c without `-p`). */
export function jsonLine(rows: readonly object[]): string {
  return `${JSON.stringify(rows)}\n`;
}
