import type { Place } from '../packet/place.ts';
import type { Recorder } from '../packet/recorder.ts';
import { formatIpv4 } from '../wire/address.ts';
import type { SendRequest, SendResult } from './socket.ts';

/** Records that a stack would not send: then no packet exists that could tell it. `why` is what decided. Gives the result back. */
export function recordRefusal(
  recorder: Recorder | undefined,
  place: Place,
  request: SendRequest,
  result: SendResult,
  why: string,
): SendResult {
  if (recorder !== undefined && 'errno' in result) {
    const { by, cause, destination } = request;
    recorder.refused({ place, by, cause, destination: formatIpv4(destination), errno: result.errno, why });
  }
  return result;
}
