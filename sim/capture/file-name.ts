import { cutToUtf8Length } from '../wire/utf8.ts';

/** Leaves room for an extension and a number below the 255 bytes that file systems allow. */
const LONGEST_STEM = 200;

/** Device names that Windows keeps for itself, whatever extension follows. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * File names for capture points, one each and in the same order: `device-a/container3:eth0` becomes
 * `device-a_container3-eth0.pcapng`. They are valid on Windows, macOS and Linux, and differ in more than case; where
 * two points would share a name, the later one gets `-2`. `extension` comes without its dot.
 */
export function captureFileNames(points: readonly string[], extension: string): string[] {
  const taken = new Set<string>();
  return points.map((point) => {
    const stem = unique(fileStem(point), taken);
    taken.add(caseless(stem));
    return `${stem}.${extension}`;
  });
}

/** The folder that holds what belongs to a name of letters, digits, "-", "_" and "."; valid wherever such files are. */
export function folderName(name: string): string {
  const stem = name.replace(/\.+$/, '_');
  return RESERVED.test(stem) ? `_${stem}` : stem;
}

function fileStem(point: string): string {
  const safe = point
    .normalize('NFC')
    .replace(/@[^/:]*$/, '') // `v1@if2` is how ip prints a veth end; the device's name is v1
    .replaceAll(':', '-')
    .replace(/[^\p{L}\p{M}\p{Nd}._-]/gu, '_')
    .replace(/^[.-]/, '_'); // neither hidden nor an option on a command line
  const stem = cutToUtf8Length(safe, LONGEST_STEM);
  return stem === '' || RESERVED.test(stem) ? `_${stem}` : stem;
}

function unique(stem: string, taken: ReadonlySet<string>): string {
  let candidate = stem;
  for (let count = 2; taken.has(caseless(candidate)); count++) candidate = `${stem}-${count}`;
  return candidate;
}

/** Alike for names that a file system takes for the same where it does not tell capitals from small letters. */
export function caseless(stem: string): string {
  return stem.toUpperCase().toLowerCase();
}
