/* A client of corosync's CPG for `npm run bench:peers`: one process on each host. Links libcpg.
 *
 *   cpg-client throughput GROUP NODES SENDS SIZE SECONDS   as many messages as flow control lets it
 *   cpg-client latency    GROUP NODES SENDS SIZE SECONDS   one at a time, until its own delivery
 *
 * NODES members have to be in the group before anything is sent; SENDS is 1 or 0. Every message has its sender,
 * its number and, up to its size, a fixed pattern. Every receiver checks what `ais cpg bench` checks: that the
 * numbers of a sender have no gaps, that the content is the pattern, and by a hash over (sender, number) in the
 * order of delivery, which the caller compares, that all members had one order. The result is a JSON line.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <corosync/corotypes.h>
#include <corosync/cpg.h>

enum { DATA = 0, END = 1 };
enum { MAX_SIZE = 1000000, MAX_SENDERS = 4096, MAX_SAMPLES = 200000, WARM_UP_SAMPLES = 20 };
/* How long a sender waits after "try again"; what other benches of CPG use. */
enum { TRY_AGAIN_US = 50 };
/* For corosync to be there, for all members to join, and for the last messages to arrive. */
static const int64_t JOIN_NS = 20000000000LL, DRAIN_NS = 20000000000LL;

struct header {
	uint32_t sender;
	uint32_t kind;
	int64_t number;
};

static cpg_handle_t handle;
static unsigned own_id;
static unsigned char pattern[MAX_SIZE], message[MAX_SIZE];
static volatile int member_count, ends, stopping;
static volatile int64_t own_delivered, last_own_number = -1;
static int64_t delivered, delivered_octets, first_ns, last_ns, gaps, damaged, refused;
static uint64_t order_hash = 0xcbf29ce484222325ULL;
static struct {
	uint32_t id;
	int64_t next;
} senders[MAX_SENDERS];

static int64_t now_ns(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what, int code) {
	fprintf(stderr, "%s: %d\n", what, code);
	_exit(1);
}

static void check_number(uint32_t sender, int64_t number) {
	unsigned at = sender % MAX_SENDERS;
	while (senders[at].id != sender && senders[at].id != 0) at = (at + 1) % MAX_SENDERS;
	senders[at].id = sender;
	if (number != senders[at].next) gaps++;
	senders[at].next = number + 1;
}

static void on_deliver(cpg_handle_t from, const struct cpg_name *group, uint32_t node, uint32_t pid, void *octets,
	size_t length) {
	struct header header;
	memcpy(&header, octets, sizeof header);
	if (header.kind == END) {
		ends++;
		return;
	}
	check_number(node, header.number);
	if (header.sender != node || length < sizeof header || length > MAX_SIZE ||
		memcmp((unsigned char *)octets + sizeof header, pattern + sizeof header, length - sizeof header) != 0)
		damaged++;
	order_hash = (order_hash ^ ((uint64_t)node << 40) ^ (uint64_t)header.number) * 0x100000001b3ULL;
	last_ns = now_ns();
	if (delivered == 0) first_ns = last_ns;
	delivered++;
	delivered_octets += length;
	if (node == own_id) {
		own_delivered++;
		last_own_number = header.number;
	}
}

static void on_members(cpg_handle_t from, const struct cpg_name *group, const struct cpg_address *members,
	size_t count, const struct cpg_address *left, size_t left_count, const struct cpg_address *joined,
	size_t joined_count) {
	member_count = count;
}

static void multicast(uint32_t kind, int64_t number, size_t size) {
	struct header header = {own_id, kind, number};
	struct iovec content = {message, size};
	cs_error_t error;
	memcpy(message, &header, sizeof header);
	while ((error = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &content, 1)) != CS_OK) {
		if (error != CS_ERR_TRY_AGAIN) fail("cpg_mcast_joined", error);
		refused++;
		usleep(TRY_AGAIN_US);
	}
}

static void dispatch_once(void) {
	int fd;
	cpg_fd_get(handle, &fd);
	struct pollfd wait = {fd, POLLIN, 0};
	if (poll(&wait, 1, 100) <= 0) return;
	cs_error_t error = cpg_dispatch(handle, CS_DISPATCH_ALL);
	if (error != CS_OK && error != CS_ERR_TRY_AGAIN) fail("cpg_dispatch", error);
}

static void *dispatch(void *unused) {
	while (!stopping) dispatch_once();
	return NULL;
}

static void open_group(const char *name, int nodes) {
	cpg_callbacks_t callbacks = {on_deliver, on_members};
	struct cpg_name group;
	cs_error_t error;
	int64_t until = now_ns() + JOIN_NS;
	while ((error = cpg_initialize(&handle, &callbacks)) != CS_OK && now_ns() < until) usleep(5000);
	if (error != CS_OK) fail("cpg_initialize", error);
	while ((error = cpg_local_get(handle, &own_id)) == CS_ERR_TRY_AGAIN && now_ns() < until) usleep(5000);
	if (error != CS_OK) fail("cpg_local_get", error);
	group.length = snprintf((char *)group.value, sizeof group.value, "%s", name);
	while ((error = cpg_join(handle, &group)) == CS_ERR_TRY_AGAIN && now_ns() < until) usleep(5000);
	if (error != CS_OK) fail("cpg_join", error);
	while (member_count < nodes && now_ns() < until) dispatch_once();
	if (member_count < nodes) fail("members in time", member_count);
}

static void await_ends(int count) {
	int64_t until = now_ns() + DRAIN_NS;
	while (ends < count && now_ns() < until) usleep(1000);
	if (ends < count) fail("last messages in time, of members", ends);
}

static double cpu_before;

static double cpu_seconds(void) {
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
		- cpu_before;
}

static void measure_throughput(int nodes, int sends, size_t size, double seconds) {
	int64_t began = now_ns(), sent = 0;
	if (sends) {
		while (now_ns() - began < seconds * 1e9) multicast(DATA, sent++, size);
		int64_t until = now_ns() + DRAIN_NS;
		while (own_delivered < sent && now_ns() < until) usleep(500);
		if (own_delivered < sent) fail("own messages in time", (int)own_delivered);
	}
	multicast(END, 0, sizeof(struct header));
	await_ends(nodes);
	double elapsed = delivered > 1 ? (last_ns - first_ns) / 1e9 : seconds;
	printf("{\"node\":%u,\"sent\":%lld,\"delivered\":%lld,\"messagesPerSecond\":%.1f,\"megabytesPerSecond\":%.3f,"
		   "\"gaps\":%lld,\"damaged\":%lld,\"order\":\"%016llx\",\"refused\":%lld,\"cpuSeconds\":%.2f}\n",
		own_id, (long long)sent, (long long)delivered, delivered / elapsed, delivered_octets / elapsed / 1e6,
		(long long)gaps, (long long)damaged, (unsigned long long)order_hash, (long long)refused, cpu_seconds());
}

static int by_size(const void *a, const void *b) {
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

/* Sends and waits in one thread: no other has to be woken for the delivery. */
static int64_t measure_times(int64_t *times, size_t size, double seconds) {
	int64_t began = now_ns(), count = 0;
	for (int64_t number = 0; count < MAX_SAMPLES && now_ns() - began < seconds * 1e9; number++) {
		int64_t sent_ns = now_ns();
		multicast(DATA, number, size);
		while (last_own_number != number) {
			dispatch_once();
			if (now_ns() - sent_ns > DRAIN_NS) fail("own message in time", (int)number);
		}
		if (number >= WARM_UP_SAMPLES) times[count++] = now_ns() - sent_ns;
	}
	if (count == 0) fail("measured messages", 0);
	qsort(times, count, sizeof *times, by_size);
	return count;
}

int main(int count, char **values) {
	if (count != 7) {
		fprintf(stderr, "usage: cpg-client throughput|latency GROUP NODES SENDS SIZE SECONDS\n");
		return 2;
	}
	int nodes = atoi(values[3]), sends = atoi(values[4]);
	size_t size = atol(values[5]);
	double seconds = atof(values[6]);
	if (size < sizeof(struct header) || size > MAX_SIZE) fail("size", (int)size);
	for (size_t at = 0; at < MAX_SIZE; at++) pattern[at] = message[at] = (unsigned char)(at * 31 + 7);
	open_group(values[2], nodes);
	cpu_before = cpu_seconds(); /* what starting took is no cost of messages */
	static int64_t times[MAX_SAMPLES];
	int64_t samples = 0;
	int is_latency = strcmp(values[1], "latency") == 0;
	if (is_latency && sends) samples = measure_times(times, size, seconds);
	pthread_t thread;
	if (pthread_create(&thread, NULL, dispatch, NULL) != 0) fail("pthread_create", errno);
	if (!is_latency) measure_throughput(nodes, sends, size, seconds);
	else {
		if (sends) multicast(END, 0, sizeof(struct header));
		await_ends(1);
		printf("{\"node\":%u,\"delivered\":%lld,\"gaps\":%lld,\"damaged\":%lld,\"order\":\"%016llx\",\"cpuSeconds\":%.2f",
			own_id, (long long)delivered, (long long)gaps, (long long)damaged, (unsigned long long)order_hash,
			cpu_seconds());
		if (sends)
			printf(",\"samples\":%lld,\"p50Us\":%.1f,\"p90Us\":%.1f,\"p99Us\":%.1f", (long long)samples,
				times[samples / 2] / 1e3, times[samples * 9 / 10] / 1e3, times[samples * 99 / 100] / 1e3);
		printf("}\n");
	}
	fflush(stdout);
	stopping = 1;
	pthread_join(thread, NULL);
	cpg_finalize(handle);
	return 0;
}
