import type { TcpCounters } from '../transport/tcp/counters.ts';

/**
 * The kernel's SNMP counters that the model moves, by the names of nstat(8) and in its order (net/ipv4/proc.c).
 */
export class Counters implements TcpCounters {
  IpInReceives = 0;
  IpInHdrErrors = 0;
  IpInAddrErrors = 0;
  IpForwDatagrams = 0;
  IpInUnknownProtos = 0;
  IpInDiscards = 0;
  IpInDelivers = 0;
  IpOutRequests = 0;
  IpOutDiscards = 0;
  IpOutNoRoutes = 0;
  IpReasmTimeout = 0;
  IpReasmReqds = 0;
  IpReasmOKs = 0;
  IpReasmFails = 0;
  IpFragOKs = 0;
  IpFragFails = 0;
  IpFragCreates = 0;
  IpOutTransmits = 0;
  IcmpInMsgs = 0;
  IcmpInErrors = 0;
  IcmpInCsumErrors = 0;
  IcmpInDestUnreachs = 0;
  IcmpInTimeExcds = 0;
  IcmpInRedirects = 0;
  IcmpInEchos = 0;
  IcmpInEchoReps = 0;
  IcmpOutMsgs = 0;
  IcmpOutRateLimitHost = 0;
  IcmpOutDestUnreachs = 0;
  IcmpOutTimeExcds = 0;
  IcmpOutRedirects = 0;
  IcmpOutEchos = 0;
  IcmpOutEchoReps = 0;
  TcpActiveOpens = 0;
  TcpPassiveOpens = 0;
  TcpAttemptFails = 0;
  TcpEstabResets = 0;
  TcpInSegs = 0;
  TcpOutSegs = 0;
  TcpRetransSegs = 0;
  TcpInErrs = 0;
  TcpOutRsts = 0;
  TcpInCsumErrors = 0;
  UdpInDatagrams = 0;
  UdpNoPorts = 0;
  UdpInErrors = 0;
  UdpOutDatagrams = 0;
  UdpInCsumErrors = 0;
  TcpExtOutOfWindowIcmps = 0;
  TcpExtTW = 0;
  TcpExtPAWSEstab = 0;
  TcpExtDelayedACKs = 0;
  TcpExtListenOverflows = 0;
  TcpExtListenDrops = 0;
  TcpExtTCPFastRetrans = 0;
  TcpExtTCPTimeouts = 0;
  TcpExtTCPLossProbes = 0;
  TcpExtTCPAbortOnData = 0;
  TcpExtTCPAbortOnClose = 0;
  TcpExtTCPAbortOnTimeout = 0;
  /** Packets with a martian or spoofed source that rp_filter refused (TcpExtIPReversePathFilter). */
  TcpExtIPReversePathFilter = 0;
  TcpExtTCPOFOQueue = 0;
  TcpExtTCPChallengeACK = 0;
  TcpExtTCPSYNChallenge = 0;
  IpExtInNoRoutes = 0;
  IpExtInTruncatedPkts = 0;
  IpExtInBcastPkts = 0;
  IpExtOutBcastPkts = 0;
  IpExtInOctets = 0;
  IpExtOutOctets = 0;
}
