/*
 * TFTP's mode netascii (RFC 1350, after RFC 764): a line ends in CR LF, a CR that ends no line is CR NUL. Here a file's
 * line ends in LF, as Unix has it.
 */

const NUL = 0;
const LF = 10;
const CR = 13;

export function toNetascii(file: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  for (const byte of file) {
    if (byte === LF) bytes.push(CR, LF);
    else if (byte === CR) bytes.push(CR, NUL);
    else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

export function fromNetascii(sent: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < sent.length; index++) {
    const byte = sent[index] as number;
    const next = sent[index + 1];
    if (byte === CR && (next === LF || next === NUL)) {
      bytes.push(next === LF ? LF : CR);
      index++;
    } else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
