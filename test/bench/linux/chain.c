// chain SOURCE-NETNS SINK-NETNS ADDRESS PACKETS LINKS CPU SINK-CPU: sends UDP datagrams of 100 bytes from one network
// namespace to another as fast as the kernel takes them, and prints one line of JSON. The routers in between run on the
// CPU of the sender: what a veth pair is given is handled where it was given.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// A CPU's queue of packets that have arrived holds 1000 (net.core.netdev_max_backlog): with fewer on their way none is lost.
enum { PAYLOAD = 100, BATCH = 64, WINDOW = 512, PORT = 9, IDLE_MS = 5000 };

// What the two processes tell each other.
struct shared {
    volatile long received;
    volatile double last;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

// A socket stays in the namespace that it was made in.
static int socket_in(const char *netns)
{
    char path[256];
    snprintf(path, sizeof path, "/var/run/netns/%s", netns);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || setns(file, CLONE_NEWNET) != 0)
        fail(netns);
    close(file);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        fail("socket");
    return fd;
}

static void run_on(int cpu)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (sched_setaffinity(0, sizeof cpus, &cpus) != 0)
        fail("sched_setaffinity");
}

static struct mmsghdr *batch_of(char *bytes, size_t length, size_t stride)
{
    struct mmsghdr *messages = calloc(BATCH, sizeof *messages);
    struct iovec *pieces = calloc(BATCH, sizeof *pieces);
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){.iov_base = bytes + (size_t)i * stride, .iov_len = length};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    return messages;
}

static void receive(int fd, struct shared *shared)
{
    static char bytes[BATCH][256];
    struct mmsghdr *messages = batch_of(bytes[0], sizeof bytes[0], sizeof bytes[0]);
    for (;;) {
        int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
        if (got < 0 && errno != EINTR)
            fail("recvmmsg");
        if (got <= 0)
            continue;
        shared->last = now();
        shared->received += got;
    }
}

static void send_all(int fd, long count, const struct shared *shared)
{
    static char bytes[PAYLOAD];
    struct mmsghdr *messages = batch_of(bytes, PAYLOAD, 0);
    const long before = shared->received;
    for (long sent = 0; sent < count;) {
        // Where nothing comes any more, some were lost after all: settle() tells.
        for (double since = now(); sent + BATCH - (shared->received - before) > WINDOW;) {
            if (now() - since > IDLE_MS * 1e-3)
                return;
            sched_yield();
        }
        long left = count - sent;
        int taken = sendmmsg(fd, messages, left < BATCH ? (unsigned)left : BATCH, 0);
        if (taken < 0 && errno != ENOBUFS && errno != EINTR)
            fail("sendmmsg");
        if (taken > 0)
            sent += taken;
    }
}

// Waits until so many have come, or nothing has for a while.
static void settle(const struct shared *shared, long wanted)
{
    long before = -1;
    for (double since = now(); shared->received < wanted && now() - since < IDLE_MS * 1e-3; usleep(1000)) {
        if (shared->received != before)
            since = now();
        before = shared->received;
    }
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: chain SOURCE-NETNS SINK-NETNS ADDRESS PACKETS LINKS CPU SINK-CPU\n");
        return 2;
    }
    const long count = atol(argv[4]), links = atol(argv[5]);
    run_on(atoi(argv[6]));
    const int size = 256 << 20;
    int sink = socket_in(argv[2]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    if (bind(sink, (struct sockaddr *)&address, sizeof address) != 0)
        fail("bind");
    if (setsockopt(sink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        fail("SO_RCVBUFFORCE");
    int source = socket_in(argv[1]);
    if (setsockopt(source, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        fail("SO_SNDBUFFORCE");
    if (inet_pton(AF_INET, argv[3], &address.sin_addr) != 1 ||
        connect(source, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");

    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_on(atoi(argv[7]));
        receive(sink, shared);
    }
    // The first finds every neighbour on the way.
    send_all(source, 1, shared);
    settle(shared, 1);
    if (shared->received != 1) {
        fprintf(stderr, "the first datagram did not arrive\n");
        kill(child, SIGKILL);
        return 1;
    }
    const double began = now();
    send_all(source, count, shared);
    settle(shared, count + 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    const long packets = shared->received - 1;
    const double wall = shared->last - began;
    printf("{\"workload\":\"chain\",\"size\":%ld,\"packets\":%ld,\"hops\":%ld,\"events\":0,\"wall_s\":%.6f,\"setup_s\":0,"
           "\"peak_rss_kb\":0,\"hops_per_s\":%.0f}\n",
           count, packets, packets * links, wall, (double)(packets * links) / wall);
    if (packets != count)
        fprintf(stderr, "%ld of %ld datagrams arrived\n", packets, count);
    return packets == count ? 0 : 1;
}
