/** An image of the user's Docker instance, or one that could be pulled. */
export interface Image {
  /** With its tag: `tftpd:latest`. */
  readonly reference: string;
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** Bytes, as `docker images` lists. */
  readonly size: number;
  /** Files that the image holds, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** On the device; otherwise it has to be pulled first. */
  local: boolean;
}

/** What `guestshell start` makes its container from. */
export const GUESTSHELL_IMAGE = 'guestshell:latest';

/** `tftpd` means `tftpd:latest`; the colon of a registry's port is no tag. */
export function withTag(reference: string): string {
  return reference.lastIndexOf(':') > reference.lastIndexOf('/') ? reference : `${reference}:latest`;
}
