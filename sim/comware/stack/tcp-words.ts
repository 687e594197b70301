import type { Site } from '../../packet/place.ts';
import type { TcpEnvironment } from '../../transport/tcp/fates.ts';

export const TCP_SITE: Site = { component: 'Comware stack', function: 'TCP' };

const REFUSED = 'comware:TCP_REFUSED';

/** The vendor publishes no reasons: one word for all that a connection does not take. */
export const TCP_REASONS: TcpEnvironment['reasons'] = {
  ABORT_ON_DATA: REFUSED,
  ACK_UNSENT_DATA: REFUSED,
  CLOSE: REFUSED,
  FLAGS: REFUSED,
  INVALID_ACK_SEQUENCE: REFUSED,
  INVALID_END_SEQUENCE: REFUSED,
  INVALID_SEQUENCE: REFUSED,
  INVALID_SYN: REFUSED,
  LISTEN_OVERFLOW: REFUSED,
  NO_SOCKET: REFUSED,
  OFOMERGE: REFUSED,
  OLD_DATA: REFUSED,
  OLD_SEQUENCE: REFUSED,
  OVERWINDOW: REFUSED,
  PROTO_MEM: REFUSED,
  RESET: REFUSED,
  RFC7323_PAWS: REFUSED,
  RFC7323_TSECR: REFUSED,
  TOO_OLD_ACK: REFUSED,
  ZEROWINDOW: REFUSED,
};
