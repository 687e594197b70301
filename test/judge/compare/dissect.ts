import { dissectIp, type IpPart } from './dissect-ip.ts';
import { colons, decimal, dotted, type Field, FieldReader, hexNumber, numberOf } from './fields.ts';

export interface ArpPart {
  readonly operation: number;
  readonly senderMac: string;
  readonly sender: string;
  readonly target: string;
}

/** A frame taken apart. */
export interface Dissection {
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
  readonly etherType: number;
  readonly arp?: ArpPart;
  readonly ip?: IpPart;
  /** The packet that an ICMP error quotes. */
  readonly quoted?: IpPart;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;

/** Takes a frame apart. Never throws: what its lengths do not explain is shown as bytes. */
export function dissect(bytes: Uint8Array): Dissection {
  const reader = new FieldReader(bytes);
  reader.take('eth.dst', 6, colons);
  reader.take('eth.src', 6, colons);
  reader.take('eth.type', 2, hexNumber);
  const etherType = bytes.length >= 14 ? numberOf(bytes.subarray(12, 14)) : -1;
  const parts: { arp?: ArpPart; ip?: IpPart; quoted?: IpPart } = {};
  if (etherType === ETHERTYPE_ARP) {
    const arp = dissectArp(reader);
    if (arp !== undefined) parts.arp = arp;
  } else if (etherType === ETHERTYPE_IPV4) {
    const { ip, quoted } = dissectIp(reader, '', bytes.length);
    if (ip !== undefined) parts.ip = ip;
    if (quoted !== undefined) parts.quoted = quoted;
  }
  reader.rest(etherType === ETHERTYPE_ARP || etherType === ETHERTYPE_IPV4 ? 'eth.trailer' : 'eth.data');
  return { bytes, fields: reader.fields, etherType, ...parts };
}

function dissectArp(reader: FieldReader): ArpPart | undefined {
  const start = reader.at;
  reader.take('arp.hardware', 2, decimal);
  reader.take('arp.protocol', 2, hexNumber);
  reader.take('arp.hardware.length', 1, decimal);
  reader.take('arp.protocol.length', 1, decimal);
  reader.take('arp.operation', 2, operationText);
  reader.take('arp.sender.mac', 6, colons);
  reader.take('arp.sender.ip', 4, dotted);
  reader.take('arp.target.mac', 6, colons);
  reader.take('arp.target.ip', 4, dotted);
  if (reader.at - start < 28) return undefined;
  const part = (from: number, to: number): Uint8Array => reader.bytes.subarray(start + from, start + to);
  return {
    operation: numberOf(part(6, 8)),
    senderMac: colons(part(8, 14)),
    sender: dotted(part(14, 18)),
    target: dotted(part(24, 28)),
  };
}

function operationText(raw: Uint8Array): string {
  const value = numberOf(raw);
  return value === 1 ? '1 (request)' : value === 2 ? '2 (reply)' : String(value);
}
