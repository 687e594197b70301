const REPLACEMENT = 0xfffd;

/** UTF-8 (RFC 3629). A surrogate without its partner becomes U+FFFD, as in the WHATWG encoder. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = scalar(character);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), trailing(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), trailing(code >> 6), trailing(code));
    else bytes.push(0xf0 | (code >> 18), trailing(code >> 12), trailing(code >> 6), trailing(code));
  }
  return Uint8Array.from(bytes);
}

/**
 * Reads UTF-8. What is none becomes U+FFFD, one for each longest beginning of a character, as in the WHATWG decoder;
 * a byte order mark is kept.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; ) {
    const lead = bytes[index++] as number;
    let more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : 3;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4) {
      text += '\ufffd';
      continue;
    }
    let code = more === 0 ? lead : lead & (0x3f >> more);
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    let high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    for (; more > 0; more--) {
      const next = bytes[index];
      if (next === undefined || next < low || next > high) break;
      code = (code << 6) | (next & 0x3f);
      [low, high] = [0x80, 0xbf];
      index++;
    }
    text += more === 0 ? String.fromCodePoint(code) : '\ufffd';
  }
  return text;
}

/** The longest beginning of `text` that takes at most `limit` bytes and cuts no character. */
export function cutToUtf8Length(text: string, limit: number): string {
  // A unit of the string takes three bytes at most.
  if (3 * text.length <= limit) return text;
  let bytes = 0;
  let units = 0;
  for (const character of text) {
    bytes += utf8Length(scalar(character));
    if (bytes > limit) return text.slice(0, units);
    units += character.length;
  }
  return text;
}

function scalar(character: string): number {
  const code = character.codePointAt(0) ?? REPLACEMENT;
  return code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
}

function trailing(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

function utf8Length(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
