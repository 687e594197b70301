/** Whose network stack it is that a step happens in. */
export type Role = 'linux' | 'bridge' | 'container' | 'comware' | 'host';

/** A network stack of a node: a Linux namespace, or Comware's own stack, which shares the place of its namespace. */
export interface Place {
  /** The node of the topology. */
  readonly node: string;
  readonly role: Role;
  /** How it is printed and addressed: `host-b`, `device-a/container3`, `device-a/comware`, `device-a/host`. */
  readonly title: string;
}

/** The boxes of the whitepaper's figures, and the two things between them. */
export type Component =
  | 'Application'
  | 'Inet stack'
  | 'Kernel forwarding'
  | 'Bridge'
  | 'Comware application'
  | 'Comware stack'
  | 'Comware forwarding'
  | 'Interface'
  | 'Cable';

/** Which modelled function decides: constant in each file, so that a step costs no allocation when tracing is off. */
export interface Site {
  readonly component: Component;
  /** The kernel's or RFC's name of the modelled function. */
  readonly function: string;
}
