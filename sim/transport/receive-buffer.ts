/** What a socket of datagrams may hold that its program has not read (sk_rmem_alloc, sk_rcvbuf), in bytes as the kernel counts them. */
export class ReceiveBuffer {
  #taken = 0;

  /**
   * Takes room for one that costs so much; false where it does not fit. An empty one takes any. Models the checks of
   * net/ipv4/udp.c __udp_enqueue_schedule_skb().
   */
  take(cost: number, size: number): boolean {
    if (this.#taken > 0 && this.#taken + cost > size) return false;
    this.#taken += cost;
    return true;
  }

  /** The program has read it. */
  give(cost: number): void {
    this.#taken -= cost;
  }
}
