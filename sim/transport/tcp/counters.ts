/** The kernel's counters of TCP, by the names of nstat(8). Comware counts with the same. */
export interface TcpCounters {
  TcpActiveOpens: number;
  TcpPassiveOpens: number;
  TcpAttemptFails: number;
  TcpEstabResets: number;
  TcpInSegs: number;
  TcpOutSegs: number;
  TcpRetransSegs: number;
  TcpInErrs: number;
  TcpOutRsts: number;
  TcpInCsumErrors: number;
  TcpExtSyncookiesSent: number;
  TcpExtSyncookiesRecv: number;
  TcpExtSyncookiesFailed: number;
  TcpExtTW: number;
  TcpExtPAWSEstab: number;
  TcpExtDelayedACKs: number;
  TcpExtListenOverflows: number;
  TcpExtListenDrops: number;
  TcpExtTCPTimeouts: number;
  TcpExtTCPLossProbes: number;
  TcpExtTCPFastRetrans: number;
  TcpExtTCPAbortOnData: number;
  TcpExtTCPAbortOnClose: number;
  TcpExtTCPAbortOnMemory: number;
  TcpExtTCPAbortOnTimeout: number;
  TcpExtTCPOFOQueue: number;
  TcpExtTCPOFODrop: number;
  TcpExtOfoPruned: number;
  TcpExtTCPTimeWaitOverflow: number;
  TcpExtTCPReqQFullDoCookies: number;
  TcpExtTCPReqQFullDrop: number;
  TcpExtTCPChallengeACK: number;
  TcpExtTCPSYNChallenge: number;
  TcpExtOutOfWindowIcmps: number;
}

/** Counters that begin at zero. */
export function noTcpCounts(): TcpCounters {
  return {
    TcpActiveOpens: 0,
    TcpPassiveOpens: 0,
    TcpAttemptFails: 0,
    TcpEstabResets: 0,
    TcpInSegs: 0,
    TcpOutSegs: 0,
    TcpRetransSegs: 0,
    TcpInErrs: 0,
    TcpOutRsts: 0,
    TcpInCsumErrors: 0,
    TcpExtSyncookiesSent: 0,
    TcpExtSyncookiesRecv: 0,
    TcpExtSyncookiesFailed: 0,
    TcpExtTW: 0,
    TcpExtPAWSEstab: 0,
    TcpExtDelayedACKs: 0,
    TcpExtListenOverflows: 0,
    TcpExtListenDrops: 0,
    TcpExtTCPTimeouts: 0,
    TcpExtTCPLossProbes: 0,
    TcpExtTCPFastRetrans: 0,
    TcpExtTCPAbortOnData: 0,
    TcpExtTCPAbortOnClose: 0,
    TcpExtTCPAbortOnMemory: 0,
    TcpExtTCPAbortOnTimeout: 0,
    TcpExtTCPOFOQueue: 0,
    TcpExtTCPOFODrop: 0,
    TcpExtOfoPruned: 0,
    TcpExtTCPTimeWaitOverflow: 0,
    TcpExtTCPReqQFullDoCookies: 0,
    TcpExtTCPReqQFullDrop: 0,
    TcpExtTCPChallengeACK: 0,
    TcpExtTCPSYNChallenge: 0,
    TcpExtOutOfWindowIcmps: 0,
  };
}
