/** Errors of the kernel's user interfaces, by their names (include/uapi/asm-generic/errno.h). */
export type Errno =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAGAIN'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EEXIST'
  | 'EHOSTUNREACH'
  | 'EINVAL'
  | 'EISCONN'
  | 'ELOOP'
  | 'EMSGSIZE'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ENODEV'
  | 'ENOENT'
  | 'ENOPROTOOPT'
  | 'EOPNOTSUPP'
  | 'EPROTO'
  | 'ESRCH'
  | 'ETIMEDOUT'
  | 'EPIPE'
  | 'EBUSY'
  | 'ENOBUFS'
  | 'EPERM';

const TEXTS: { readonly [name in Errno]: string } = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAGAIN: 'Resource temporarily unavailable',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EEXIST: 'File exists',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  EISCONN: 'Transport endpoint is already connected',
  ELOOP: 'Too many levels of symbolic links',
  EMSGSIZE: 'Message too long',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOPROTOOPT: 'Protocol not available',
  EOPNOTSUPP: 'Operation not supported',
  EPROTO: 'Protocol error',
  EBUSY: 'Device or resource busy',
  ENOBUFS: 'No buffer space available',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  ESRCH: 'No such process',
  ETIMEDOUT: 'Connection timed out',
};

/** What strerror() prints. */
export function strerror(errno: Errno): string {
  return TEXTS[errno];
}
