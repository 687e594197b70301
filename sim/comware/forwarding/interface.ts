import type { NetDevice } from '../../link/device.ts';
import { contains, type InterfaceAddress, type Ipv4, lastAddress, type Prefix, prefixOf } from '../../wire/address.ts';
import type { InterfaceName } from './interface-name.ts';
import type { InterfaceNat } from './nat/rules.ts';

/** A layer 3 interface of Comware. */
export class ComwareInterface {
  readonly name: InterfaceName;
  /** The port with its cable; undefined for virtual interfaces. */
  readonly port: NetDevice | undefined;
  /** The kernel's end of this interface (ethX, Loop0), while the interface has an address. */
  kernelDevice: NetDevice | undefined;
  address: InterfaceAddress | undefined;
  shutdown = false;
  /** `description`, '' for the default one. */
  description = '';
  /** Undefined while nothing of NAT is configured here: then no packet asks it. */
  nat: InterfaceNat | undefined;

  constructor(name: InterfaceName, port: NetDevice | undefined) {
    this.name = name;
    this.port = port;
  }

  /** Physically and administratively up. Virtual interfaces depend on nothing but the administrator. */
  get isUp(): boolean {
    return !this.shutdown && (this.port === undefined || this.port.carrier);
  }

  get mtu(): number {
    if (this.port !== undefined) return this.port.mtu;
    return this.name.kind === 'loopback' ? 1536 : 1500;
  }

  get prefix(): Prefix | undefined {
    return this.address === undefined ? undefined : prefixOf(this.address.address, this.address.length);
  }

  /** `address` lies in the interface's subnet, and is not the interface's own. */
  hasOnLink(address: Ipv4): boolean {
    return (
      this.prefix !== undefined &&
      contains(this.prefix, address) &&
      address !== this.address?.address &&
      !this.isBroadcast(address)
    );
  }

  /** The directed broadcast of the interface's subnet. */
  isBroadcast(address: Ipv4): boolean {
    return this.prefix !== undefined && this.prefix.length < 31 && address === lastAddress(this.prefix);
  }
}
